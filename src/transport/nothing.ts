/** In place of a function that has nothing to do; one for all, because it is set for every attempt. */
export const nothing = (): void => undefined;
