// The listener's own thread: speaks SMTP, checks and computes over messages as they come, hands them to the engine's thread and answers
// 250 when that says they are on disk. Deliveries and limits are none of its business; a flood of submissions takes no turn from them.
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../host/clock.ts';
import { takePlace } from '../host/precedence.ts';
import { systemRandom } from '../host/random.ts';
import { ConfigurationCopy } from './configuration-copy.ts';
import { DraftHandover } from './draft-handover.ts';
import { Handover } from './handover.ts';
import { SubmissionListener } from './listener.ts';
import { ListenerState, type FromListener, type ThreadData, type ToListener } from './listener-messages.ts';

const countEveryMs = 500;

const port = parentPort;
if (port === null) throw new Error('the listener thread is started by startListener');
const { options, state: memory } = workerData as ThreadData;
const send = (message: FromListener): void => port.postMessage(message);

takePlace('listener');
const state = new ListenerState(memory);
const configuration = new ConfigurationCopy();
const handover = new Handover(port, state, systemClock);
const drafts = new DraftHandover(port);
const listener = new SubmissionListener(
  {
    clock: systemClock,
    random: systemRandom,
    accept: (injection) => handover.accept(injection),
    draft: () => drafts.draft(),
    trouble: () => state.trouble,
    generation: () => configuration.current,
    takesMail: () => state.takesMail,
    log: (event, facts) => send({ kind: 'log', event, facts }),
  },
  options,
);
function count(): void {
  state.connections = listener.connections;
  systemClock.setTimer(countEveryMs, count);
}
count();

function refused(error: Error & { code?: string }): void {
  send({ kind: 'refused', code: error.code ?? '', message: error.message });
}

port.on('message', (message: ToListener) => {
  switch (message.kind) {
    case 'results':
      return handover.settle(message.numbers, message.codes);
    case 'drafted':
      return drafts.settle(message);
    case 'configuration':
      if (configuration.take(message.changed, message.revision)) send({ kind: 'configured', revision: message.revision ?? 0 });
      return;
    case 'heed':
      // What it says of new mail lies in shared memory: whatever begins after this turn of the loop goes by it.
      return send({ kind: 'heeded', number: message.number });
    case 'listen':
      return void listener.listen().then((used) => send({ kind: 'listening', port: used }), refused);
    case 'close':
      return void listener.close(message.graceMs).then(() => send({ kind: 'closed' }));
  }
});
