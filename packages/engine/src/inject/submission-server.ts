// smtp-server, but for three things. Its greeting: the library holds it back for 100 ms to find clients that talk too soon, which unmasks spam
// at an MX and only costs at a door of submission; a sender that opens a connection for every message would wait it out for each. Commands
// that come in one flight are answered in one (RFC 2920 section 3.2), not with a write for each. And its parser finds dots faster.
import type { Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import { SubmissionStream } from './submission-stream.ts';

class PromptConnection extends SMTPConnection {
  override _createParser(): SubmissionStream {
    const parser = new SubmissionStream({ maxCommandLength: this._server.options.maxCommandLength });
    parser.onflight = (answer) => this.#inOneFlight(answer);
    parser.oncommand = (command, callback) => this._onCommand(command, callback);
    parser.on('error', (error) => this.send(421, `Error: ${error.message}`));
    return parser;
  }

  override send(...reply: Parameters<SMTPConnection['send']>): void {
    super.send(...reply);
    // What comes next is not ours: a TLS handshake.
    if (reply[0] === 220) this._socket.uncork();
  }

  #inOneFlight(answer: () => void): void {
    const socket = this._socket;
    socket.cork();
    try {
      answer();
    } finally {
      socket.uncork();
    }
  }

  override init(): void {
    this._setListeners(() => {
      const { maxClients } = this._server.options;
      if (maxClients && this._server.connections.size > maxClients) {
        this.send(421, '4.3.2 Too many connections, try again in a moment', false);
      } else this.connectionReady();
    });
  }
}

export class SubmissionServer extends SMTPServer {
  override connect(socket: Socket, socketOptions?: SMTPConnectionOptions | null): void {
    const connection = new PromptConnection(this, socket, socketOptions);
    this.connections.add(connection);
    connection.on('error', (error: Error) => this._onError(error));
    connection.on('connect', (data: Parameters<SMTPServer['_onClientConnect']>[0]) => this._onClientConnect(data));
    connection.init();
  }
}
