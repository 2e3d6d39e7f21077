// The receiving side of the drill `throttle-accuracy`, a process of its own: mail hosts on loopback addresses that take everything at once.
// What counts is written down the moment it is read off the socket: connections as they are accepted, transactions at MAIL FROM. Says on
// demand what it saw, and how late its own event loop ran at most.
import { createServer, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';

export type Seen = {
  /** Milliseconds since the epoch. */
  at: number;
  /** Where it came from, and to which of the hosts. */
  peer: string;
  host: string;
  /** Null: a connection, else the local part of the sender, the recipient and what SIZE says. */
  mail: { sender: string; recipient: string; bytes: number } | null;
};
/** `open`: the most connections that were open at once, by host. */
export type Report = { seen: Seen[]; loopDelayMaxMs: number; open: Record<string, number> };

const [port = '0', count = '0'] = process.argv.slice(2);
const seen: Seen[] = [];
const open = new Map<string, number>();
const most = new Map<string, number>();
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const now = (): number => performance.timeOrigin + performance.now();

function serve(socket: Socket, host: string): void {
  const peer = socket.remoteAddress ?? '';
  seen.push({ at: now(), peer, host, mail: null });
  open.set(host, (open.get(host) ?? 0) + 1);
  most.set(host, Math.max(most.get(host) ?? 0, open.get(host) ?? 0));
  let counted = true;
  /** With our 221, or whenever it is gone. */
  const closed = (): void => {
    if (counted) open.set(host, (open.get(host) ?? 1) - 1);
    counted = false;
  };
  socket.on('close', closed);
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
  socket.write('220 mx ESMTP\r\n');
  let rest = '';
  let inMessage = false;
  let mail: { at: number; sender: string; bytes: number } | null = null;
  socket.on('data', (chunk: Buffer) => {
    const at = now();
    rest += chunk.toString('latin1');
    let answer = '';
    for (;;) {
      if (inMessage) {
        const end = rest.indexOf('\r\n.\r\n');
        if (end < 0) break;
        rest = rest.slice(end + 5);
        inMessage = false;
        answer += '250 2.0.0 ok\r\n';
        continue;
      }
      const end = rest.indexOf('\r\n');
      if (end < 0) break;
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') answer += '250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE\r\n';
      else if (verb === 'MAIL') {
        mail = { at, sender: /<([^@>]*)/.exec(line)?.[1] ?? '', bytes: Number(/SIZE=(\d+)/i.exec(line)?.[1] ?? 0) };
        answer += '250 2.1.0 ok\r\n';
      } else if (verb === 'RCPT') {
        if (mail)
          seen.push({
            at: mail.at,
            peer,
            host,
            mail: { sender: mail.sender, recipient: /<([^>]*)>/.exec(line)?.[1] ?? '', bytes: mail.bytes },
          });
        answer += '250 2.1.5 ok\r\n';
      } else if (verb === 'DATA') {
        inMessage = true;
        answer += '354 go\r\n';
      } else if (verb === 'QUIT') {
        closed();
        socket.end(`${answer}221 bye\r\n`);
        return;
      } else answer += '250 2.0.0 ok\r\n';
    }
    if (answer !== '') socket.write(answer);
  });
}

const addresses = Array.from({ length: Number(count) }, (_, index) => `127.42.1.${index + 1}`);
await Promise.all(
  addresses.map((address) => {
    const server = createServer({ noDelay: true }, (socket) => serve(socket, address));
    return new Promise<void>((resolve) => server.listen({ port: Number(port), host: address, backlog: 4_096 }, resolve));
  }),
);
process.on('message', (asked) => {
  if (asked === 'report')
    process.send?.({ seen, loopDelayMaxMs: delay.max / 1e6, open: Object.fromEntries(most) } satisfies Report, () => undefined);
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
