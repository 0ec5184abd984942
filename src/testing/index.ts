export type { Clock, TimerPurpose } from '../clock.ts';
export type { RecordedRequest, RequestOutcome } from './exchange.ts';
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
  StallFault,
  StatusFault,
} from './faults.ts';
export type { SimulatorFetch } from './fetch.ts';
export type { AppInit, MachineInit, NodeInit, Population, RelayInit, RentableInit } from './inits.ts';
export type { SimulatedMachine } from './machine.ts';
export type { OctaSimulatorOptions } from './options.ts';
export type { ListenOptions, SimulatorServer } from './server.ts';
export type { SimulatedService } from './session.ts';
export { OctaSimulator, type SimulatedSession } from './simulator.ts';
