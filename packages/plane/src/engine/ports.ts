// The engine's ports as this package fulfils them, restated from contract types: plane may not import the engine, and TypeScript compares
// the shapes where apps/mta puts the two together.
import type {
  Answer,
  CommandResult,
  ConfigAck,
  ConfigDelta,
  Decision,
  EngineCommand,
  MetricsFrame,
  Question,
  SecretDelta,
  TraceBatch,
  TraceOrder,
} from '@sluice/contract';

export type Following = { stop(): Promise<void> };

export interface ConfigFeed {
  follow(revision: number, apply: (delta: ConfigDelta) => Promise<ConfigAck>): Following;
}
export interface SecretFeed {
  follow(cursor: number, apply: (delta: SecretDelta) => Promise<void>): Following;
}
export interface CommandSource {
  follow(apply: (command: EngineCommand) => Promise<CommandResult>): Following;
}
export interface QuestionSource {
  follow(answer: (question: Question) => Promise<Answer>): Following;
}
export interface TraceFeed {
  follow(apply: (orders: readonly TraceOrder[]) => void): Following;
  write(batch: TraceBatch): Promise<void>;
}
export interface DecisionSink {
  take(decisions: readonly Decision[]): Promise<void>;
}
export interface FrameSink {
  publish(frame: MetricsFrame): void;
}

/** One line for the host's log. Never holds a secret or a database address. */
export type PlaneLog = (level: 'info' | 'warn' | 'error', message: string) => void;
