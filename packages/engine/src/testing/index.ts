// Doubles of the engine's ports, for tests and drills of any workspace. Never imported by what ships.
export { PowerCutFiles, PowerCutError, type PowerCutOptions, type Failure } from './power-cut-files.ts';
