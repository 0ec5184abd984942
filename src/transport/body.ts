/** A Response with the same answer whose body says when it is done with. `release` runs once: at its end, failure or cancel. */
export function withRelease(response: Response, release: () => void): Response {
  const { body, status, statusText, headers, url } = response;
  if (body === null) {
    release();
    return response;
  }
  const reader = body.getReader();
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        release();
        controller.close();
      } catch (error) {
        release();
        controller.error(error);
      }
    },
    cancel(reason) {
      release();
      return reader.cancel(reason);
    },
  });
  const copy = new Response(watched, { status, statusText, headers });
  return Object.defineProperty(copy, 'url', { value: url });
}
