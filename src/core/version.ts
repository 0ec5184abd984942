/** Version of the package; `npm run version` writes it. */
export const version: string = '0.1.0';
