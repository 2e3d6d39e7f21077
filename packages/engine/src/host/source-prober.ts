// Tries out a source without mail: can its address be bound, does its proxy take us, does a host answer. Goes through the one door out, so
// that in sandbox mode nothing but loopback is dialled.
import { BlockList, createServer, isIPv4, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { viaOf } from '../deliver/attempter.ts';
import type { Clock, Dialer, KeyStore, ProbeResult, SourceProber } from '../ports.ts';
import { socksLogin } from './proxy.ts';

const timeoutMs = 15_000;
/** For a greeting, or for a proxy to log us in. */
const answerMs = 10_000;

type ProberOptions = { dialer: Dialer; clock: Clock; keyStore?: KeyStore };

export function createSourceProber({ dialer, clock, keyStore }: ProberOptions): SourceProber {
  /** What `work` comes to, or `late` when it takes too long; the socket is gone in any case. */
  function within(socket: Socket, work: Promise<ProbeResult>, late: ProbeResult): Promise<ProbeResult> {
    return new Promise((resolve) => {
      const cancel = clock.setTimer(answerMs, () => over(late));
      const over = (result: ProbeResult): void => {
        cancel();
        socket.destroy();
        resolve(result);
      };
      work.then(over, (error: unknown) => over({ ok: false, detail: String(error) }));
    });
  }

  return {
    addresses: addressesHere,
    bind(address) {
      return new Promise((resolve) => {
        const server = createServer();
        server.once('error', (error) => resolve({ ok: false, detail: error.message }));
        // A port of the system's choice, given back at once; nobody is told of it.
        server.listen({ host: address, port: 0, exclusive: true }, () => {
          server.close(() => resolve({ ok: true, detail: `${address} can be bound` }));
        });
      });
    },
    async proxy({ proxy }) {
      if (!proxy) return { ok: true, detail: 'it has no proxy' };
      const via = viaOf(proxy, keyStore);
      if (via === null || via === 'sealed') return { ok: false, detail: 'the password of the proxy cannot be opened' };
      // Nothing is bound on the way to a proxy; who named it is an operator.
      const localAddress = proxy.host.includes(':') ? '::' : '0.0.0.0';
      const dialled = await dialer.dial({ address: proxy.host, port: proxy.port, localAddress, timeoutMs, reach: 'any' });
      if (!dialled.ok) return { ok: false, detail: `${dialled.code}: ${dialled.message}` };
      const { socket } = dialled;
      const connected = { ok: true, detail: 'the proxy takes connections' };
      if (via.kind === 'haproxy') {
        socket.destroy();
        return connected;
      }
      const login = socksLogin(socket, via).then((greeted) => (greeted.ok ? connected : { ok: false, detail: greeted.message }));
      return within(socket, login, { ok: false, detail: 'the proxy does not answer' });
    },
    async reach({ bindAddress, proxy }, { address, port, reach, name }) {
      const via = viaOf(proxy, keyStore);
      if (via === 'sealed') return { ok: false, detail: 'the password of the proxy cannot be opened' };
      const dialled = await dialer.dial({
        address,
        port,
        localAddress: bindAddress,
        timeoutMs,
        ...(reach && { reach }),
        ...(via && { via }),
      });
      if (!dialled.ok) return { ok: false, detail: `${name}: ${dialled.code}: ${dialled.message}` };
      const { socket } = dialled;
      const greeted = new Promise<ProbeResult>((resolve) => {
        socket.once('data', () => {
          socket.end('QUIT\r\n');
          resolve({ ok: true, detail: `${name} answers` });
        });
        // Behind a proxy only an answer shows that the host was reached.
        socket.once('close', () => resolve({ ok: via === null, detail: `${name} closed without a greeting` }));
      });
      return within(socket, greeted, { ok: via === null, detail: `${name} takes a connection and says nothing` });
    },
  };
}

/** On Linux all of a loopback interface's network is the machine's own, though only one address of it is listed. */
function addressesHere(): Pick<ReadonlySet<string>, 'has'> {
  const listed = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const exact = new Set(listed.map(({ address }) => address));
  const loopback = new BlockList();
  for (const { internal, family, cidr } of listed) {
    const [net, bits] = cidr?.split('/') ?? [];
    if (process.platform === 'linux' && internal && family === 'IPv4' && net) loopback.addSubnet(net, Number(bits), 'ipv4');
  }
  return { has: (address) => exact.has(address) || (isIPv4(address) && loopback.check(address, 'ipv4')) };
}
