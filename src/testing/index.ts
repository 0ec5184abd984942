export type { Clock, TimerPurpose } from '../clock.ts';
export type { ConditionOptions, SimulatorConditions, SimulatorLag, SimulatorLies, UuidCase } from './conditions.ts';
export type {
  CutFault,
  DelayFault,
  Fault,
  FaultDelay,
  FaultMatch,
  InvalidJsonFault,
  LostFault,
  MatchedRequest,
  RefuseFault,
  ScriptedFault,
  SimulatedRequest,
  StallFault,
  StatusFault,
} from './faults.ts';
export type { SimulatorFetch } from './fetch.ts';
export type { ForeignStart } from './foreign.ts';
export type { AppInit, MachineInit, NodeInit, PlaceInit, Population, RelayInit, RentableInit } from './inits.ts';
export type { SimulatedCommand, SimulatedContainer } from './jobs.ts';
export type { SimulatedMachine } from './machine.ts';
export {
  type MemoryLedger,
  memoryLedger,
} from './memory-ledger.ts';
export type { OctaSimulatorOptions } from './options.ts';
export type { RecordedRequest, RequestOutcome } from './records.ts';
export type { ListenOptions, SimulatorServer } from './server.ts';
export type { SimulatedService } from './session.ts';
export type { SimulatedSession } from './simulated-session.ts';
export { OctaSimulator } from './simulator.ts';
