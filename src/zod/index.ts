/** Zod schemas of everything that the SDK accepts and returns, and validation of responses. */
export * from '../../generated/zod.ts';
export {
  StartAppOptionsSchema,
  StartImageOptionsSchema,
  StartMrOptionsSchema,
  StartPlainVpnOptionsSchema,
  StartRenderOptionsSchema,
  StartV2rayOptionsSchema,
  StartVpnOptionsSchema,
} from './options.ts';
export { type AnswerIssue, type AnswerValidator, validator } from './validator.ts';
