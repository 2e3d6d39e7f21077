// What automation acts through.
import type { Commands } from '../commands/commands.ts';
import type { Generation } from '../config/generation.ts';
import type { RecordFile } from '../config/record-file.ts';
import type { Decisions } from '../decisions/decisions.ts';
import type { Clock, EngineLog, Random } from '../ports.ts';
import type { Agenda } from '../queue/agenda.ts';

export type AutomationPorts = {
  node: string;
  clock: Clock;
  random: Random;
  log: EngineLog;
  agenda: Agenda;
  decisions: Decisions;
  commands: Commands;
  generation: () => Generation;
  /** Null: actions are forgotten with the process. */
  file: RecordFile | null;
};
