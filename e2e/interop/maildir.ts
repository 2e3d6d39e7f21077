// A mailbox at a real third-party MTA: Debian's Postfix that delivers into a Maildir, with OpenDKIM in front of it as the verifier. What
// arrives here went through parsers and a DKIM implementation that are not ours.
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@sluice/bench/installation';
import {
  removeFolder,
  scratchFolder,
  startOpenDkim,
  startPostfixInstance,
  userId,
  type OpenDkim,
  type PostfixInstance,
} from '@sluice/bench/postfix-instance';

export const authserv = 'mail.inbox.example';
const deliveryLimitMs = 20_000;

const masterCf = `127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
virtual unix - n n - - virtual
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
`;

const mainCf = (folder: string, domain: string, milterPort: number) => `compatibility_level = 3.6
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = ${authserv}
mydestination =
alias_maps =
smtpd_peername_lookup = no
smtpd_tls_security_level = none
smtpd_relay_restrictions = reject_unauth_destination
virtual_mailbox_domains = ${domain}
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:${userId('postfix')}
virtual_gid_maps = static:${userId('postfix')}
virtual_minimum_uid = 1
smtpd_milters = inet:127.0.0.1:${milterPort}
milter_default_action = tempfail
maillog_file = ${folder}/mail.log
maillog_file_prefixes = ${folder}
`;

/** `publicKeys`: DNS name -> TXT value of the keys that the verifier may find. */
export type Maildir = {
  smtpPort: number;
  /** Waits for the message with this Message-ID; its bytes as stored, LF line ends. */
  message(messageId: string): Promise<Buffer>;
  /** What Postfix wrote to its log. */
  log(): string;
  stop(): Promise<void>;
};

export async function startMaildir(domain: string, publicKeys: Record<string, string>): Promise<Maildir> {
  const folder = scratchFolder('interop-postfix-');
  let verifier: OpenDkim | null = null;
  let postfix: PostfixInstance | null = null;
  const stop = async () => {
    await postfix?.stop();
    await verifier?.stop();
    removeFolder(folder);
  };
  try {
    const keys = join(folder, 'public-keys');
    writeFileSync(
      keys,
      Object.entries(publicKeys)
        .map(([name, value]) => `${name} ${value}\n`)
        .join(''),
    );
    chmodSync(keys, 0o644);
    verifier = await startOpenDkim(folder, `Mode v\nSyslog no\nAlwaysAddARHeader yes\nAuthservID ${authserv}\nTestPublicKeys ${keys}\n`);
    const mail = join(folder, 'mail');
    mkdirSync(mail);
    chownSync(mail, userId('postfix'), userId('postfix'));
    postfix = await startPostfixInstance(folder, mainCf(folder, domain, verifier.port), masterCf);
    const arrived = join(mail, 'inbox', 'new');
    const find = (messageId: string) => {
      const files = existsSync(arrived) ? readdirSync(arrived) : [];
      return files.map((name) => readFileSync(join(arrived, name))).find((bytes) => bytes.includes(`Message-ID: ${messageId}\n`));
    };
    return {
      smtpPort: postfix.port,
      async message(messageId) {
        await until(() => find(messageId) !== undefined, deliveryLimitMs);
        const bytes = find(messageId);
        if (!bytes) throw new Error(`the message ${messageId} is gone again`);
        return bytes;
      },
      log: () => (existsSync(join(folder, 'mail.log')) ? readFileSync(join(folder, 'mail.log'), 'utf8') : ''),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
