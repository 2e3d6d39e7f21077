// The peer: Debian's Postfix, with OpenDKIM when signing, as configured in packages/bench/postfix.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  missingPrograms,
  removeFolder,
  scratchFolder,
  startOpenDkim,
  startPostfixInstance,
  type OpenDkim,
  type PostfixInstance,
} from '../postfix-instance.ts';
import { selfSigned } from '../load/certificate.ts';
import type { Load } from './load.ts';
import type { Product } from './product.ts';

const template = (name: string) => readFileSync(new URL(`../../postfix/${name}`, import.meta.url), 'utf8');

/** Why the peer cannot run here; null when it can. */
export function peerMissing(dkim: boolean): string | null {
  return missingPrograms('postfix', 'smtp-source', 'smtp-sink', ...(dkim ? ['opendkim'] : []));
}

export function peerName(dkim: boolean): string {
  return dkim ? 'Postfix + OpenDKIM' : 'Postfix';
}

/** With STARTTLS at both ends, any certificate taken, sessions resumed as shipped. */
async function tlsConfiguration(folder: string): Promise<string> {
  const { cert, key } = await selfSigned('peer.bench.example');
  writeFileSync(join(folder, 'tls.pem'), `${key}${cert}`, { mode: 0o600 });
  const inbound = `smtpd_tls_security_level = may\nsmtpd_tls_chain_files = ${join(folder, 'tls.pem')}`;
  return `${inbound}\nsmtp_tls_security_level = encrypt\nsmtp_tls_connection_reuse = yes\n`;
}

export async function startPeer(sinkPort: number, dkim: boolean, load: Load): Promise<Product> {
  const folder = scratchFolder('peer-postfix-');
  let signer: OpenDkim | null = null;
  let postfix: PostfixInstance | null = null;
  const stop = async () => {
    await postfix?.stop();
    await signer?.stop();
    removeFolder(folder);
  };
  try {
    signer = dkim ? await startOpenDkim(folder, `${template('opendkim.conf')}\nKeyFile ${newKey(folder)}`) : null;
    const milter = signer ? `smtpd_milters = inet:127.0.0.1:${signer.port}` : '';
    const single = load.single ? 'smtp_connection_cache_on_demand = no\n' : '';
    const tls = load.tls ? await tlsConfiguration(folder) : '';
    const mainCf = `${template('main.cf')}\nrelayhost = [127.0.0.1]:${sinkPort}\n${milter}\n${single}${tls}`;
    const running = (postfix = await startPostfixInstance(folder, mainCf, template('master.cf')));
    return {
      name: peerName(dkim),
      smtpPort: running.port,
      processes: () => [running.pid(), signer?.process.pid ?? null].filter((pid) => pid !== null),
      begin: async () => undefined,
      // A queue file is gone when its message is delivered; there is no other record to wait for.
      settled: async () => undefined,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function newKey(folder: string): string {
  const file = join(folder, 'dkim.pem');
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  writeFileSync(file, privateKey, { mode: 0o600 });
  return file;
}
