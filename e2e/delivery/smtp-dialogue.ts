// A bare SMTP dialogue for what a well-behaved client library would never send: exact octets out, replies back.
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export class Dialogue {
  #socket: Socket;
  #buffer = '';
  #closed = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#attach(socket);
  }

  #attach(socket: Socket): void {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#buffer += text;
      this.#wake();
    });
    const closed = () => {
      this.#closed = true;
      this.#wake();
    };
    socket.on('close', closed);
    socket.on('error', closed);
  }

  /** Connects and reads the greeting. */
  static async open(port: number): Promise<Dialogue> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const dialogue = new Dialogue(socket);
    await dialogue.reply();
    return dialogue;
  }

  /** Sends octets (latin1) as they are and reads one reply. */
  async say(octets: string): Promise<string> {
    this.send(octets);
    return this.reply();
  }

  /** STARTTLS, with any certificate. */
  async secure(): Promise<void> {
    const reply = await this.say('STARTTLS\r\n');
    if (!reply.startsWith('220')) throw new Error(`no STARTTLS: ${reply}`);
    const socket = this.#socket;
    socket.removeAllListeners('data');
    const secured = connectTls({ socket, rejectUnauthorized: false });
    await new Promise<void>((resolve, reject) => secured.once('secureConnect', resolve).once('error', reject));
    this.#socket = secured;
    this.#attach(secured);
  }

  send(octets: string): void {
    if (!this.#closed) this.#socket.write(octets, 'latin1');
  }

  /** The next whole reply without its last line end; `closed` when the server hung up. */
  async reply(limitMs = 10_000): Promise<string> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const whole = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r\n/.exec(this.#buffer);
      if (whole) {
        this.#buffer = this.#buffer.slice(whole[0].length);
        return whole[0].trimEnd();
      }
      if (this.#closed) return 'closed';
      if (performance.now() > deadline) throw new Error(`no reply within ${limitMs} ms; so far: ${JSON.stringify(this.#buffer)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** The argument of AUTH PLAIN. RFC 4616. */
export function plain(username: string, password: string): string {
  return Buffer.from(`\0${username}\0${password}`).toString('base64');
}
