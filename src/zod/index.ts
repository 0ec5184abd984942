/** Zod schemas of everything that the SDK gives and takes, and validation of answers with them. */
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
