import { describe, expect, test, vi } from 'vitest';
import { withRelease } from '../../../src/transport/body.ts';
import { rejection } from '../../support/failure.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A body of these chunks, one at a time. */
function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  const left = [...chunks];
  return new ReadableStream({
    pull(controller) {
      const next = left.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(bytes(next));
    },
  });
}

describe('A Response that tells when its body is done with', () => {
  test('has the same status, headers, URL and body.', async () => {
    const given = new Response(streamOf('a', 'b'), { status: 201, statusText: 'Made', headers: { a: 'b' } });
    Object.defineProperty(given, 'url', { value: 'https://api.test/nodes' });
    const watched = withRelease(given, () => undefined);
    const { status, statusText, headers, url } = watched;
    expect([status, statusText, headers.get('a'), url]).toEqual([201, 'Made', 'b', 'https://api.test/nodes']);
    expect(await watched.text()).toBe('ab');
  });

  test('tells once, at the end of the body.', async () => {
    const release = vi.fn();
    const watched = withRelease(new Response(streamOf('a', 'b')), release);
    expect(release).not.toHaveBeenCalled();
    await watched.text();
    expect(release).toHaveBeenCalledOnce();
  });

  test('tells when the body is cancelled, which reaches the body itself.', async () => {
    const release = vi.fn();
    const cancel = vi.fn();
    const watched = withRelease(new Response(new ReadableStream({ cancel })), release);
    await watched.body?.cancel('enough');
    expect(release).toHaveBeenCalledOnce();
    expect(cancel).toHaveBeenCalledExactlyOnceWith('enough');
  });

  test('tells when the body fails, which the reader hears.', async () => {
    const release = vi.fn();
    const lost = new Error('lost');
    const failing = new ReadableStream({ pull: (controller) => controller.error(lost) });
    expect(await rejection(withRelease(new Response(failing), release).text())).toBe(lost);
    expect(release).toHaveBeenCalledOnce();
  });

  test('tells at once when there is no body.', () => {
    const release = vi.fn();
    const given = new Response(null, { status: 204 });
    expect(withRelease(given, release)).toBe(given);
    expect(release).toHaveBeenCalledOnce();
  });
});
