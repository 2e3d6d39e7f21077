// `sluice sources proxy`: the proxy that a source goes out through, or none.
import { readFileSync } from 'node:fs';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable } from './outcome.ts';

type ProxyOptions = { reason: string; haproxy?: string; socks5?: string; none?: boolean; user?: string; passwordStdin?: boolean };

/** `192.0.2.1:1080` or `[2001:db8::1]:1080` */
function addressOf(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/i.exec(text);
  if (!match) throw new CommandFailure(`${printable(text)}: write the proxy as address:port`, exitCodes.usage);
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
}

export async function setProxy(name: string, options: ProxyOptions): Promise<void> {
  const { haproxy, socks5, none, user, passwordStdin, reason } = options;
  if ([haproxy, socks5, none].filter(Boolean).length !== 1)
    throw new CommandFailure('give one of --haproxy, --socks5 and --none', exitCodes.usage);
  const kind = haproxy === undefined ? ('socks5' as const) : ('haproxy' as const);
  const address = none ? null : addressOf(haproxy ?? socks5 ?? '');
  const { client } = connect();
  const source = (await client.sources.list.query()).find((one) => one.id === name || one.name === name);
  if (!source) throw new CommandFailure(`no source is named ${printable(name)}`);
  const password = passwordStdin ? { password: readFileSync(0, 'utf8').replace(/\r?\n$/, '') } : {};
  const proxy = address && { kind, ...address, username: user ?? null, ...password };
  const { revision } = await client.sources.setProxy.mutate({ id: source.id, proxy, reason });
  const way = proxy ? `through ${proxy.host} port ${proxy.port}` : 'by itself';
  print(`${printable(source.name)} connects ${way}, with revision ${revision}`);
}
