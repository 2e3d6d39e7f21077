// IPv4 and IPv6: mail goes out from a source of a family that the receiving hosts have; where they have both, the settings may say which.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startReceiver, withoutIpv6, type Receiver } from './testing/receiver.ts';
import { id, startWorld, type World } from './testing/world.ts';

const rule = (number: number, domain: string, addressFamily: string) => ({
  ...{ kind: 'setting', id: id(80 + number) },
  body: { name: domain, where: { domain }, values: { addressFamily } },
});
describe.skipIf(withoutIpv6)(`hosts of both families${withoutIpv6 ? ' (skipped: no IPv6)' : ''}`, () => {
  let world: World;
  let six: Receiver;
  beforeAll(async () => {
    world = await startWorld({
      sources: [{}, { publicAddress: '::1', bindAddress: '::1', family: 6 }],
      stream: { retrySeconds: [3600] },
      entities: [rule(0, 'likes4.example', 'ipv4'), rule(1, 'likes6.example', 'ipv6')],
    });
    six = await startReceiver('::1', world.hostPort, {}, null);
  });
  afterAll(async () => {
    await world?.close();
    await six?.close();
  });

  const both = (host: string) => world.dns.override(host, 'AAAA', { kind: 'records', records: [{ type: 'AAAA', data: '::1' }] });
  /** Where six messages for the domain went. */
  async function remotesOf(domain: string): Promise<Set<string | null | undefined>> {
    const recipients = Array.from({ length: 6 }, (_, index) => `r${index}@${domain}`);
    for (const recipient of recipients) await world.send(recipient);
    const remotes = new Set<string | null | undefined>();
    for (const recipient of recipients) remotes.add((await world.story(recipient, 'accepted', 'delivered'))[1]?.remoteAddress);
    return remotes;
  }

  it('hosts with addresses of one family get all mail from sources of that family', async () => {
    const four = await world.host('mx.only4.example');
    world.mx('only4.example', 'mx.only4.example');
    expect(await remotesOf('only4.example')).toEqual(new Set([four.address]));
    both('mx.only6.example');
    world.dns.override('mx.only6.example', 'A', { kind: 'none' });
    world.mx('only6.example', 'mx.only6.example');
    expect(await remotesOf('only6.example')).toEqual(new Set(['::1']));
  });

  it('hosts with both get mail from both, or from the family that the settings name', async () => {
    const four = await world.host('mx.dual.example');
    both('mx.dual.example');
    for (const domain of ['any.example', 'likes4.example', 'likes6.example']) world.mx(domain, 'mx.dual.example');
    expect(await remotesOf('any.example')).toEqual(new Set([four.address, '::1']));
    expect(await remotesOf('likes4.example')).toEqual(new Set([four.address]));
    expect(await remotesOf('likes6.example')).toEqual(new Set(['::1']));
  });
});
