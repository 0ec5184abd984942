/** A function that does nothing. Shared, because every attempt uses it. */
export const nothing = (): void => undefined;
