/**
 * A marketplace with the HTTP API of OctaSpace on a real socket, written only from facts about the API: it shares no code with the SDK.
 * It has the true state of every session, and can be set to hide it, or to respond late, wrongly or not at all.
 */

export type { Machine } from './catalogue.ts';
export type { Asked, Latch, MarketClock, Operation } from './exchange.ts';
export { type FastClock, type FastClockOptions, fastClock } from './fast-clock.ts';
export { type Foreign, type Marketplace, type MarketplaceOptions, serveMarketplace } from './marketplace.ts';
export type { MarketSession, StopReceived } from './session.ts';
export type { Lags, ListRequest, StartAnswer, StartScript, StopScript, Switches } from './switches.ts';
