// closed-loop: the same traffic against providers that react to how it is sent, by four senders: fixed limits, two modes, timed overrides,
// and ours. Each set of parameters is a JSON file; the engine, its queues and retries are the real ones under a virtual clock. Ours is to
// have at most half the deferral share of the best of the others at no less than 95 % of its deliveries, in nine of ten sets.
//
// Usage: npm run drill -- closed-loop [--parameters DIR] [--only NAME] [--processes 2]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { judge } from './closed-loop/verdict.ts';
import { runOne, type Figures } from './closed-loop/one-run.ts';
import { ours } from './closed-loop/ours.ts';
import { readSets, type ParameterSet } from './closed-loop/parameter-set.ts';
import type { SenderKind } from './closed-loop/sender.ts';
import { timedOverrides } from './closed-loop/timed-overrides.ts';
import { twoModes } from './closed-loop/two-modes.ts';

const { values } = parseArgs({
  options: {
    parameters: { type: 'string', default: fileURLToPath(new URL('closed-loop/parameters', import.meta.url)) },
    only: { type: 'string' },
    processes: { type: 'string', default: '2' },
    /** One sender of one set, as a process of its own. */
    sender: { type: 'string' },
  },
});
const senders: readonly SenderKind[] = [{ name: 'fixed limits', entities: [], controller: null }, twoModes, timedOverrides, ours];
const wanted = ({ name }: { name: string }): boolean => values.only === undefined || name === values.only;
const sets = readSets(values.parameters).filter(wanted);
if (sets.length === 0) throw new Error(`no set of parameters in ${values.parameters}`);

/** In a process of its own: an engine and all its mail are gone when it ends. */
async function apart(set: ParameterSet, sender: SenderKind): Promise<Figures> {
  const own = ['--parameters', values.parameters, '--only', set.name, '--sender', sender.name];
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...own], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (child.exitCode !== 0) throw new Error(`${set.name}, ${sender.name}: ended with ${child.exitCode ?? 'a signal'}`);
  return JSON.parse(said) as Figures;
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
const lineOf = (figures: Figures): string =>
  `    ${figures.sender.padEnd(15)} ${String(figures.deliveredPerHour).padStart(7)}/h  deferred ${percent(figures.deferralShare).padStart(8)}` +
  `  refused ${String(figures.refused).padStart(6)}  blocked ${String(figures.blockedMinutes).padStart(4)} min`;

async function all(): Promise<void> {
  const figures = new Map<string, Figures[]>(sets.map(({ name }) => [name, []]));
  const jobs = sets.flatMap((set) => senders.map((sender) => ({ set, sender })));
  const began = performance.now();
  const verdicts: (ReturnType<typeof judge> & { name: string })[] = [];
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const done = figures.get(job.set.name) ?? [];
      done.push(await apart(job.set, job.sender));
      if (done.length === senders.length) tell(job.set, done);
    }
  };
  const tell = ({ name, about, traffic: { hours } }: ParameterSet, done: Figures[]): void => {
    const own = done.find(({ sender }) => sender === ours.name);
    if (!own) throw new Error('our own sender did not run');
    const verdict = judge(
      own,
      done.filter((one) => one !== own),
    );
    verdicts.push({ name, ...verdict });
    const against = `${percent(verdict.deliveries)} of the deliveries and ${percent(verdict.share)} of the deferral share of ${verdict.best}`;
    process.stdout.write(
      `${verdict.holds ? 'holds' : 'FAILS'}  ${name}: ${against}\n    ${about} ${own.messages} messages in ${hours} h.\n`,
    );
    for (const { name: sender } of senders) for (const one of done) if (one.sender === sender) process.stdout.write(`${lineOf(one)}\n`);
  };
  await Promise.all(Array.from({ length: Number(values.processes) }, work));
  const holding = verdicts.filter((verdict) => verdict.holds).length;
  const holds = holding * 10 >= sets.length * 9;
  const summary = {
    ...{
      drill: 'closed-loop',
      holds,
      sets: sets.length,
      holding,
      holdingWithAllDeferrals: verdicts.filter((one) => one.holdsWithAll).length,
    },
    failing: verdicts.filter((verdict) => !verdict.holds).map(({ name, deliveries, share }) => ({ name, deliveries, share })),
    minutes: Math.round((performance.now() - began) / 6_000) / 10,
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  process.exitCode = holds ? 0 : 1;
}

if (values.sender === undefined) await all();
else {
  const [set] = sets;
  const sender = senders.find(({ name }) => name === values.sender);
  if (!set || !sender) throw new Error(`there is no sender ${values.sender}`);
  process.stdout.write(JSON.stringify(await runOne(set, sender)));
}
