// Sample traffic: a steady trickle of realistic messages handed in over SMTP with the demonstration's credentials, like any sender's.
// Never more in flight than a bound: when the engine is slow or away, messages are left out, not piled up.
import { createTransport } from 'nodemailer';
import { brands, type DemoStream } from './brands.ts';
import { drawRecipient, pick, weighted } from './recipients.ts';
import type { DemoCredential } from './seed.ts';

export const maxRatePerSecond = 50;
const maxInFlight = 20;
const socketTimeoutMs = 15_000;

export interface TrafficOptions {
  readonly smtp: { readonly host: string; readonly port: number };
  readonly credentials: readonly DemoCredential[];
  readonly ratePerSecond: number;
  readonly signal: AbortSignal;
  /** 0 up to, not including, 1. */
  readonly random?: () => number;
  readonly onError?: (error: Error) => void;
}

/** Sends until `signal` aborts; then waits for what is in flight. Returns how many were accepted, refused or left out. */
export async function runTraffic(options: TrafficOptions): Promise<{ accepted: number; failed: number; leftOut: number }> {
  const { signal, credentials } = options;
  if (credentials.length === 0) throw new RangeError('traffic needs a credential');
  const random = options.random ?? Math.random;
  const rate = Math.min(Math.max(options.ratePerSecond, 0.1), maxRatePerSecond);
  const senders = credentials.map((credential) => makeSender(options.smtp, credential));
  const shares = senders.map((sender) => [sender, sender.stream.share] as const);
  const counts = { accepted: 0, failed: 0, leftOut: 0 };
  const inFlight = new Set<Promise<void>>();

  const sendOne = async () => {
    const sender = weighted(shares, random());
    try {
      await sender.send(random);
      counts.accepted += 1;
    } catch (error) {
      counts.failed += 1;
      options.onError?.(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    if (inFlight.size >= maxInFlight) return void (counts.leftOut += 1);
    const sending: Promise<void> = sendOne().finally(() => inFlight.delete(sending));
    inFlight.add(sending);
  }, 1_000 / rate);
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await ended;
  clearInterval(timer);
  await Promise.all(inFlight);
  for (const sender of senders) sender.close();
  return counts;
}

function makeSender(smtp: TrafficOptions['smtp'], credential: DemoCredential) {
  const brand = brands.find((candidate) => candidate.slug === credential.tenant);
  const stream = brand?.streams.find((candidate) => candidate.name === credential.stream);
  if (!brand || !stream) throw new Error(`no demonstration stream ${credential.tenant}/${credential.stream}`);
  const transport = createTransport({
    pool: true,
    maxConnections: 2,
    host: smtp.host,
    port: smtp.port,
    secure: false,
    // The listener is on this machine and its certificate is its own.
    ignoreTLS: true,
    auth: { user: credential.username, pass: credential.password },
    name: 'demo.sluice.example',
    connectionTimeout: socketTimeoutMs,
    greetingTimeout: socketTimeoutMs,
    socketTimeout: socketTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    stream,
    close: () => transport.close(),
    send: async (random: () => number) => void (await transport.sendMail(compose(brand.name, stream, random))),
  };
}

/** A message of one to six kilobytes. */
export function compose(brand: string, stream: DemoStream, random: () => number) {
  const to = drawRecipient(random);
  const subject = pick(stream.subjects, random());
  const name = to.split(/[.@]/, 1)[0] ?? 'friend';
  const paragraph = `Dear ${name}, ${subject.toLowerCase()}. This is sample mail of ${brand}; it never leaves this machine.`;
  const paragraphs = Array.from({ length: 4 + Math.floor(random() * 20) }, () => paragraph);
  return {
    from: { name: brand, address: `${stream.from}@${stream.domain}` },
    to,
    subject,
    text: paragraphs.join('\n\n'),
    html: `<!doctype html><html><body>${paragraphs.map((text) => `<p>${text}</p>`).join('')}</body></html>`,
  };
}
