// A mail host of a scenario on a loopback address of its own: it takes everything unless the scenario gives a verb another answer, and
// keeps what was said to it, connection by connection, and every message as it came.
import { createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { TLSSocket, type SecureContext } from 'node:tls';

/** This machine has no IPv6, not even loopback: what needs it is skipped. */
export const withoutIpv6 = !Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));

export type Verb = 'greeting' | 'EHLO' | 'HELO' | 'LHLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'message' | 'RSET' | 'QUIT';
export type Exchange = { line: string; connection: number; socket: Socket };
/** Octets (latin1) to send; a function may also act on the socket and answer nothing. */
export type Answer = string | ((exchange: Exchange) => string | null);
export type Answers = Partial<Record<Verb, Answer>>;

export type Message = {
  connection: number;
  /** The MAIL and RCPT lines that were answered with 2xx. */
  mail: string;
  rcpts: string[];
  /** Octets (latin1) without the dots of the wire. RFC 5321 section 4.5.2. */
  content: string;
  tls: boolean;
};

export type Receiver = {
  address: string;
  answers: Answers;
  commands: { connection: number; line: string; atMs: number }[];
  messages: Message[];
  /** Addresses that connected, in order. */
  peers: string[];
  readonly connections: number;
  /** Names asked for in TLS handshakes. RFC 6066 section 3. */
  serverNames: string[];
  close(): Promise<void>;
};

export const offer = (...keywords: string[]): string =>
  ['mx.example', ...keywords].map((word, index) => `250${index === keywords.length ? ' ' : '-'}${word}\r\n`).join('');

const defaults: Record<Verb, Answer> = {
  greeting: '220 mx.example ESMTP\r\n',
  EHLO: offer('PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES', 'SIZE'),
  HELO: '250 mx.example\r\n',
  LHLO: offer('PIPELINING', '8BITMIME', 'ENHANCEDSTATUSCODES'),
  STARTTLS: '220 2.0.0 go ahead\r\n',
  AUTH: '235 2.7.0 welcome\r\n',
  MAIL: '250 2.1.0 ok\r\n',
  RCPT: '250 2.1.5 ok\r\n',
  DATA: '354 go ahead\r\n',
  message: '250 2.0.0 queued\r\n',
  RSET: '250 2.0.0 ok\r\n',
  QUIT: ({ socket }) => {
    socket.end('221 2.0.0 bye\r\n');
    return null;
  },
};

const isVerb = (word: string): word is Verb => word in defaults && word === word.toUpperCase();

export async function startReceiver(address: string, port: number, answers: Answers, context: SecureContext | null): Promise<Receiver> {
  const sockets = new Set<Socket>();
  const receiver: Receiver = {
    address,
    answers,
    commands: [],
    messages: [],
    peers: [],
    serverNames: [],
    get connections() {
      return receiver.peers.length;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    receiver.peers.push(socket.remoteAddress ?? '');
    const dialogue = new Dialogue(receiver, receiver.connections, context);
    dialogue.attach(socket);
    dialogue.answer('greeting', '');
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, address, resolve));
  return receiver;
}

/** One connection, through STARTTLS. */
class Dialogue {
  readonly #receiver: Receiver;
  readonly #connection: number;
  readonly #context: SecureContext | null;
  #socket: Socket | null = null;
  #pending = '';
  #inData = false;
  #mail = '';
  #rcpts: string[] = [];

  constructor(receiver: Receiver, connection: number, context: SecureContext | null) {
    this.#receiver = receiver;
    this.#connection = connection;
    this.#context = context;
  }

  attach(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#pending += chunk.toString('latin1');
      while (this.#inData ? this.#message() : this.#command());
    });
  }

  /** Says what the scenario wants said; true when it was the word for going on. */
  answer(verb: Verb, line: string): boolean {
    const socket = this.#socket;
    if (!socket) return false;
    const given = this.#receiver.answers[verb] ?? defaults[verb];
    const text = typeof given === 'string' ? given : given({ line, connection: this.#connection, socket });
    if (text === null || socket.destroyed) return false;
    if (verb === 'STARTTLS' && text.startsWith('220') && this.#context) this.#upgrade(socket, text, this.#context);
    else socket.write(text, 'latin1');
    return /^[23]/.test(text);
  }

  #upgrade(socket: Socket, text: string, secureContext: SecureContext): void {
    socket.removeAllListeners('data');
    socket.write(text);
    const secure = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      SNICallback: (name, done) => {
        this.#receiver.serverNames.push(name);
        done(null, secureContext);
      },
    });
    this.attach(secure);
  }

  #command(): boolean {
    const end = this.#pending.indexOf('\r\n');
    if (end < 0) return false;
    const line = this.#pending.slice(0, end);
    this.#pending = this.#pending.slice(end + 2);
    this.#receiver.commands.push({ connection: this.#connection, line, atMs: Date.now() });
    const verb = (line.split(' ')[0] ?? '').toUpperCase();
    if (!isVerb(verb)) this.#socket?.write('500 5.5.2 what?\r\n');
    else {
      const good = this.answer(verb, line);
      if (verb === 'MAIL' && good) [this.#mail, this.#rcpts] = [line, []];
      if (verb === 'RCPT' && good) this.#rcpts.push(line);
      this.#inData = verb === 'DATA' && good;
    }
    return true;
  }

  #message(): boolean {
    const end = `\r\n${this.#pending}`.indexOf('\r\n.\r\n');
    if (end < 0) return false;
    const content = this.#pending.slice(0, end).replace(/^\./gm, '');
    this.#pending = this.#pending.slice(end + 3);
    this.#inData = false;
    // A lone dot for nobody ends what 354 began; it is no message. RFC 2920 section 3.1
    if (this.answer('message', '.') && this.#rcpts.length > 0) {
      const tls = this.#socket instanceof TLSSocket;
      this.#receiver.messages.push({ connection: this.#connection, mail: this.#mail, rcpts: this.#rcpts, content, tls });
    }
    return true;
  }
}
