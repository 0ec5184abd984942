declare const proxyUrl: string;

/** Where the proxy is. */
export const apiUrl = proxyUrl;
