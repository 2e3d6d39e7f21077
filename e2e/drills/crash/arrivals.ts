// The receivers' log against the injector's ledger: what was promised and did not arrive, and what arrived more than once.
import type { Simulator } from '@sluice/isp-simulator';
import { ledgerKey, type Ledger } from './injector.ts';

export type Arrivals = { messages: number; lost: number; duplicates: number };

export async function arrivals(sandbox: Pick<Simulator, 'received'>, ledger: Ledger): Promise<Arrivals> {
  const copies = new Map<string, number>();
  let messages = 0;
  for await (const mail of sandbox.received()) {
    if (mail.id === null) continue;
    messages += 1;
    for (const recipient of mail.recipients) {
      const key = ledgerKey(mail.messageId ?? '', recipient.address);
      copies.set(key, (copies.get(key) ?? 0) + 1);
    }
  }
  const found = { messages, lost: 0, duplicates: 0 };
  for (const key of ledger) {
    const count = copies.get(key) ?? 0;
    if (count === 0) found.lost += 1;
    if (count > 1) found.duplicates += count - 1;
  }
  return found;
}
