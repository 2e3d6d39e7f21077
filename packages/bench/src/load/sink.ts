// A receiver for what smtp-sink cannot do: STARTTLS, a long link, and the time at which every message arrived whole. Runs as a process of its own; takes
// everything, reads as little as it can. It answers what came in one flight with one write.
import { createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import { selfSigned } from './certificate.ts';
import { monotonicMs, numberOf, type SinkOrder, type SinkReport } from './wire.ts';

const endOfData = '\r\n.\r\n';

/** Times of arrival by message number; a number that comes twice is counted twice. */
const arrivedAt: number[] = [];
let count = 0;

function serve(socket: Socket, secureContext: SecureContext | null, rttMs: number): void {
  let pending = '';
  let inData = false;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  const answer = (replies: string): void => {
    if (socket.destroyed) return;
    socket.write(replies);
    if (replies.endsWith('221 bye\r\n')) socket.end();
  };
  const take = (bytes: Buffer): void => {
    pending += bytes.toString('latin1');
    let replies = '';
    for (;;) {
      const mark = inData ? endOfData : '\r\n';
      const end = pending.indexOf(mark);
      if (end < 0) break;
      const text = pending.slice(0, end);
      pending = pending.slice(end + mark.length);
      if (inData) {
        inData = false;
        count += 1;
        const number = numberOf(text);
        if (number !== null) arrivedAt[number] = monotonicMs();
        replies += '250 2.0.0 Ok\r\n';
        continue;
      }
      const verb = text.slice(0, 4).toUpperCase();
      if (verb === 'STAR' && secureContext) {
        socket.off('data', take);
        socket.write('220 go ahead\r\n');
        serve(new TLSSocket(socket, { isServer: true, secureContext }), null, rttMs);
        return;
      }
      if (verb === 'EHLO') replies += `250-sink.example\r\n250-PIPELINING\r\n${secureContext ? '250-STARTTLS\r\n' : ''}250 8BITMIME\r\n`;
      else if (verb === 'DATA') {
        inData = true;
        replies += '354 go ahead\r\n';
      } else replies += verb === 'QUIT' ? '221 bye\r\n' : '250 2.1.0 Ok\r\n';
    }
    if (replies === '') return;
    if (rttMs > 0) setTimeout(answer, rttMs, replies);
    else answer(replies);
  };
  socket.on('data', take);
}

async function open({ tls, rttMs }: SinkOrder): Promise<void> {
  const context = tls ? createSecureContext(await selfSigned('sink.example')) : null;
  const server = createServer((socket) => {
    socket.write('220 sink.example ESMTP\r\n');
    serve(socket, context, rttMs);
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => {
    const address = server.address();
    process.send?.({ port: typeof address === 'object' && address ? address.port : 0 });
  });
  process.on('message', (question: 'count' | 'times') => {
    const report: SinkReport = { arrivedAt };
    process.send?.(question === 'count' ? { count } : report);
  });
}

process.once('message', (order: SinkOrder) => void open(order));
process.on('disconnect', () => process.exit(0));
