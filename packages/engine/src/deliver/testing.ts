// A mail server that does what a test tells it to, on a port of its own: each verb can be answered by a text, by an action, or not at all.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { defaultDeliverySettings, type DeliverySettings } from '@sluice/contract';
import { createDialer, systemClock } from '../host/index.ts';
import type { ContentFacts, RecipientEntry } from '../entry.ts';
import type { EgressPath, RouteHost } from '../ports.ts';
import { requirementOf } from '../route/security.ts';
import { createAttempter } from './attempter.ts';

export type Verb = 'greeting' | 'EHLO' | 'HELO' | 'STARTTLS' | 'MAIL' | 'RCPT' | 'DATA' | 'message' | 'BDAT' | 'RSET' | 'QUIT';
/** A text is sent as it is; a function may send, wait or close by itself. */
export type Answer = string | ((socket: Socket, line: string) => void);

export const offer = (...keywords: string[]) =>
  ['mx.example', ...keywords].map((word, index) => `250${index === keywords.length ? ' ' : '-'}${word}\r\n`).join('');

const defaults: Record<Verb, Answer> = {
  greeting: '220 mx.example\r\n',
  EHLO: offer('PIPELINING', '8BITMIME', 'SIZE'),
  HELO: '250 mx.example\r\n',
  STARTTLS: '502 5.5.1 no\r\n',
  MAIL: '250 2.1.0 ok\r\n',
  RCPT: '250 2.1.5 ok\r\n',
  DATA: '354 go\r\n',
  message: '250 2.0.0 queued\r\n',
  BDAT: '250 2.0.0 queued\r\n',
  RSET: '250 2.0.0 ok\r\n',
  QUIT: (socket) => socket.end('221 2.0.0 bye\r\n'),
};

export type ScriptedServer = {
  port: number;
  /** Every command line, in order, over all connections. */
  commands: string[];
  /** Every message as it came: through DATA, dot-stuffed, without the final dot; through BDAT, octet for octet. */
  messages: string[];
  connections: () => number;
  /** Connections open now. */
  open: () => number;
  close(): Promise<void>;
};

export async function scriptedServer(answers: Partial<Record<Verb, Answer>>): Promise<ScriptedServer> {
  const script = { ...defaults, ...answers };
  const sockets = new Set<Socket>();
  const commands: string[] = [];
  const messages: string[] = [];
  let connections = 0;
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    connections += 1;
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const answer = (verb: Verb, line: string) => {
      const said = script[verb];
      if (typeof said === 'string') socket.write(said, 'latin1');
      else said(socket, line);
      return typeof said === 'string' && said.startsWith('354');
    };
    let pending = '';
    let inData = false;
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (;;) {
        const end = inData ? `\r\n${pending}`.indexOf('\r\n.\r\n') : pending.indexOf('\r\n');
        if (end < 0) return;
        const text = pending.slice(0, end);
        if (inData) {
          messages.push(text);
          pending = pending.slice(end + 3);
          inData = false;
          answer('message', '.');
          continue;
        }
        const chunkBytes = Number(/^BDAT (\d+) LAST$/.exec(text)?.[1] ?? 0);
        if (pending.length < end + 2 + chunkBytes) return;
        if (text.startsWith('BDAT')) messages.push(pending.slice(end + 2, end + 2 + chunkBytes));
        pending = pending.slice(end + 2 + chunkBytes);
        commands.push(text);
        const verb = (text.split(' ')[0] ?? '').toUpperCase();
        if (verb in script) inData = answer(verb as Verb, text) && verb === 'DATA';
        else socket.write('500 what\r\n');
      }
    });
    answer('greeting', '');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    messages,
    connections: () => connections,
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Timeouts short enough to see and long enough for a busy machine. */
const quickSettings: DeliverySettings = {
  ...defaultDeliverySettings,
  connectTimeoutMs: 1_000,
  greetingTimeoutMs: 800,
  ehloTimeoutMs: 800,
  handshakeTimeoutMs: 800,
  mailTimeoutMs: 800,
  rcptTimeoutMs: 800,
  dataTimeoutMs: 800,
  messageTimeoutMs: 800,
  quitTimeoutMs: 800,
};

/** A path that is told this, quick where nothing is said. */
export const pathWith = (settings: Partial<DeliverySettings>): EgressPath => ({
  key: 'test',
  source: { id: 'source-1', bindAddress: '127.0.0.1', ehloName: 'out.example', family: 4 },
  site: 'mx.example',
  provider: null,
  security: requirementOf({ ...quickSettings, ...settings }, {}, false),
  settings: { ...quickSettings, ...settings },
});

export const testPath = pathWith({});

export function testAttempter() {
  return createAttempter({ dialer: createDialer({ egress: 'sandbox', sandboxSmtpPort: null }), clock: systemClock });
}

export const hostAt = (port: number, name = 'mx.example', address = '127.0.0.1'): RouteHost => ({ name, address, port });

export function testEntry(recipient: string, index = 0): RecipientEntry {
  const place = {
    streamId: 's',
    campaign: null,
    sender: 's@x.example',
    recipient,
    domain: 'y.example',
    content: { segment: 1, offset: 0, length: 1 },
  };
  const times = {
    acceptedAt: 0,
    expiresAt: 1,
    attempts: 0,
    dueAt: 0,
    lastSourceId: null,
    dotSent: false,
    delayReported: false,
    options: null,
  };
  return { entryId: `m.${index}`, messageId: 'm', tenantId: 't', poolId: null, dsn: null, egress: 'sandbox', ...place, ...times };
}

export const testFacts: ContentFacts = {
  sizeBytes: 0,
  headerBytes: 0,
  bodyHash: '',
  eightBit: false,
  utf8: false,
  fromDomain: 'x.example',
  headerMessageId: null,
};

/** One transaction to these recipients. */
export function transactionTo(
  recipients: string[],
  bytes: Uint8Array = Buffer.from('From: s@x.example\r\n\r\nhello\r\n'),
  facts: Partial<ContentFacts> = {},
) {
  return {
    sender: 's@x.example',
    entries: recipients.map(testEntry),
    facts: { ...testFacts, ...facts },
    bytes,
    further: null,
    header: new Uint8Array(0),
  };
}
