// A load generator for what smtp-source cannot do: STARTTLS, many recipient domains, a steady rate, and the time of every 250. Runs as a
// process of its own; sends MAIL, RCPT and DATA in one flight where they are offered.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { manyDomains, messageText, monotonicMs, type SourceOrder, type SourceReport } from './wire.ts';

const senderAddress = 'load@bench.example';
const singleRecipient = 'user@sink.example';

class Session {
  readonly #order: SourceOrder;
  #socket: Socket | null = null;
  #pending = '';
  #waiting: ((code: number) => void)[] = [];

  constructor(order: SourceOrder) {
    this.#order = order;
  }

  get open(): boolean {
    return this.#socket !== null;
  }

  async begin(): Promise<void> {
    const socket = connect(this.#order.port, '127.0.0.1');
    this.#attach(socket);
    await this.#expect(220);
    await this.#say('EHLO source.bench.example\r\n', 250);
    if (!this.#order.tls) return;
    await this.#say('STARTTLS\r\n', 220);
    socket.removeAllListeners('data');
    // The servers of a bench have certificates of their own making.
    const secure = tlsConnect({ socket, rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    this.#attach(secure);
    await this.#say('EHLO source.bench.example\r\n', 250);
  }

  async send(index: number): Promise<void> {
    const { domains, sizeBytes } = this.#order;
    const recipient = domains > 1 ? `user@d${index % domains}.${manyDomains}` : singleRecipient;
    this.#socket?.write(`MAIL FROM:<${senderAddress}>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n`);
    await Promise.all([this.#expect(250), this.#expect(250), this.#expect(354)]);
    await this.#say(`${messageText(index, senderAddress, recipient, sizeBytes)}.\r\n`, 250);
  }

  async end(): Promise<void> {
    await this.#say('QUIT\r\n', 221);
    this.#socket?.destroy();
    this.#socket = null;
  }

  #say(text: string, code: number): Promise<void> {
    this.#socket?.write(text);
    return this.#expect(code);
  }

  #expect(code: number): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#waiting.push((got) => (got === code ? resolve() : reject(new Error(`${got} instead of ${code}`)))),
    );
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', (error) => fail(error));
    socket.on('data', (bytes: Buffer) => {
      this.#pending += bytes.toString('latin1');
      for (let end = this.#pending.indexOf('\n'); end >= 0; end = this.#pending.indexOf('\n')) {
        const line = this.#pending.slice(0, end);
        this.#pending = this.#pending.slice(end + 1);
        if (line[3] !== '-') this.#waiting.shift()?.(Number(line.slice(0, 3)));
      }
    });
  }
}

function fail(error: Error): void {
  process.stderr.write(`source: ${error.message}\n`);
  process.exit(1);
}

async function run(order: SourceOrder): Promise<SourceReport> {
  const acceptedAt = new Array<number>(order.messages).fill(0);
  const startedAt = monotonicMs();
  let next = 0;
  const work = async (): Promise<void> => {
    const session = new Session(order);
    let carried = 0;
    for (;;) {
      const index = next;
      if (index >= order.messages) break;
      next += 1;
      if (order.perSecond !== null) {
        const waitMs = startedAt + (index * 1000) / order.perSecond - monotonicMs();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
      if (!session.open) await session.begin();
      await session.send(index);
      acceptedAt[index] = monotonicMs();
      carried += 1;
      if (order.perConnection > 0 && carried % order.perConnection === 0) await session.end();
    }
    if (session.open) await session.end();
  };
  await Promise.all(Array.from({ length: order.sessions }, work));
  return { acceptedAt };
}

process.once('message', (order: SourceOrder) => {
  run(order).then((report) => process.send?.(report, () => process.exit(0)), fail);
});
