// Everything the engine takes from outside, and the two of its own parts that can be swapped. Time, chance, files, names, sockets,
// configuration, commands, keys and events come in here and nowhere else, so that a test can drive a whole engine under a fake clock
// and a drill can cut the power at any write.
import type { Socket } from 'node:net';
import type {
  Answer,
  CommandResult,
  ConfigAck,
  ConfigDelta,
  Decision,
  EngineCommand,
  MetricsFrame,
  Question,
  SecretDelta,
  TlsFacts,
  TraceBatch,
  TraceOrder,
} from '@sluice/contract';
import type { ConnectFault } from '@sluice/policy';
import type { ConnectionListener, HostListener } from './deliver/connection-listener.ts';
import type { TlsTrouble } from './deliver/tls-upgrade.ts';
import type { EgressPath, RouteHost, SecurityRequirement } from './egress-path.ts';
import type { Reach } from './host/reach.ts';
import type {
  ConnectionFacts,
  ContentFacts,
  ContentRef,
  FurtherParts,
  Injection,
  Outcome,
  RecipientEntry,
  SpoolRecord,
  StoredContent,
} from './entry.ts';
import type { EntryDepot, RecoveredBatch } from './waiting-entries.ts';

/** Wall time for records and due times; monotonic time for durations. Both in milliseconds. */
export interface Clock {
  nowMs(): number;
  monotonicMs(): number;
  /** Runs `fn` once after `delayMs`; the result cancels it. Does not keep the process alive. */
  setTimer(delayMs: number, fn: () => void): () => void;
}

export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  bytes(count: number): Uint8Array;
  /** Version 7 UUID: time-ordered. RFC 9562. */
  uuid(): string;
}

/**
 * Synchronous file operations, for the spool's own thread. Nothing is durable before `datasync` of the file and, for a new name,
 * `syncDirectory` of its folder returned. Errors are thrown as Node's own with `code`.
 */
export interface Files {
  makeDirectory(path: string): void;
  list(directory: string): string[];
  /** Creates a file that must not exist, for reading and writing. */
  create(path: string): number;
  /** Opens an existing file for reading and writing. */
  open(path: string): number;
  write(handle: number, chunks: readonly Uint8Array[], position: number): void;
  datasync(handle: number): void;
  /** Into `into` when given, which is as long as `length` at least: the result is a view of it. */
  read(handle: number, length: number, position: number, into?: Buffer): Uint8Array;
  size(handle: number): number;
  truncate(handle: number, size: number): void;
  close(handle: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  syncDirectory(directory: string): void;
  /** Free bytes of the file system for unprivileged users. */
  freeBytes(directory: string): number;
}

/** `secure`: a trusted resolver validated the answer, the negative one too. RFC 4035 section 3.2.3 */
export type DnsAnswer<T> =
  | { ok: true; records: T[]; ttlSeconds: number; secure?: boolean; alias?: DnsAlias }
  /** `none`: the name exists without such records; `nxdomain`: no such name; `failed`: no usable answer, temporary. */
  | { ok: false; kind: 'none' | 'nxdomain'; detail: string; ttlSeconds: number; secure?: boolean }
  /** `pressure`: we could not ask, for want of sockets or of room; no fault of the domain. */
  | { ok: false; kind: 'failed'; detail: string; ttlSeconds: number; pressure?: boolean; secure?: boolean };

/** The name asked for is an alias. `secure`: its own CNAME record was validated, whatever holds of the rest of the way. */
export type DnsAlias = { canonical: string; secure: boolean };

export interface Resolver {
  mx(domain: string): Promise<DnsAnswer<{ exchange: string; preference: number }>>;
  addresses(host: string, family: 4 | 6): Promise<DnsAnswer<string>>;
  /** Each record with its strings joined. */
  txt(name: string): Promise<DnsAnswer<string>>;
  /** `_port._tcp.host` */
  tlsa(name: string): Promise<DnsAnswer<TlsaRecord>>;
  /** Names of an address, by the name under which they stand: `7.113.0.203.in-addr.arpa`. RFC 1035 section 3.5 */
  ptr(name: string): Promise<DnsAnswer<string>>;
}

/** RFC 6698 section 2.1. */
export type TlsaRecord = { usage: number; selector: number; matchingType: number; data: Uint8Array };

export type PolicyAnswer = { ok: true; body: string } | { ok: false; kind: 'fetch' | 'certificate'; detail: string };

/** Fetches a domain's policy over https. Nothing else of the web is ever asked for. */
export interface PolicyFetch {
  /** `https://host/path`: the certificate must be good for `host`, redirects are not followed, size and time are bounded. */
  get(request: { host: string; path: string }): Promise<PolicyAnswer>;
}

/** A proxy between us and the host. It connects from `localAddress` (HAProxy) or from an address of its own (SOCKS5). */
export type Via = { kind: 'haproxy' | 'socks5'; host: string; port: number; username: string | null; password: string | null };

/** `atProxy`: it was the proxy that did not take us, whatever host was asked for. */
export type DialResult = { ok: true; socket: Socket } | { ok: false; code: string; message: string; atProxy?: true };

export interface Dialer {
  /**
   * Connects from `localAddress` to a literal address. Refused with code `EGRESS_REFUSED`: in sandbox mode anything but loopback, in
   * internet mode what is out of `reach` (`public` when absent) and our own listeners.
   */
  dial(request: { address: string; port: number; localAddress: string; timeoutMs: number; reach?: Reach; via?: Via }): Promise<DialResult>;
}

/** Reports to an operator's own server. Only the configured URL is ever called. */
export interface HookPost {
  /** Sends a document, JSON unless told; ok on any 2xx. Bounded in time, never rejects. In sandbox mode only loopback is reached. */
  post(url: string, body: string | Uint8Array, contentType?: string): Promise<{ ok: true } | { ok: false; detail: string }>;
}

/** What an operator of the machine reads. Facts never hold secrets or message text. */
export interface EngineLog {
  info(message: string, facts: Record<string, unknown>): void;
  warn(message: string, facts: Record<string, unknown>): void;
}

export interface ConfigFeed {
  /**
   * Calls back with what is newer than `revision` whenever there is something; the promise of `apply` ends before the next call. After
   * a refusal the next delta still starts at the last applied revision.
   */
  follow(revision: number, apply: (delta: ConfigDelta) => Promise<ConfigAck>): { stop(): Promise<void> };
}

export interface SecretFeed {
  follow(cursor: number, apply: (delta: SecretDelta) => Promise<void>): { stop(): Promise<void> };
}

export interface CommandSource {
  /** Delivers commands that this node has not yet answered. */
  follow(apply: (command: EngineCommand) => Promise<CommandResult>): { stop(): Promise<void> };
}

export interface QuestionSource {
  /** Hands over what is asked of this node, and takes the answer back. */
  follow(answer: (question: Question) => Promise<Answer>): { stop(): Promise<void> };
}

export interface DecisionSink {
  /** Resolves when the other side has them all for good. Taking one twice is taking it once. */
  take(decisions: readonly Decision[]): Promise<void>;
}

export interface TraceFeed {
  /** Hands over all traces that this node is to run now, again whenever they change. */
  follow(apply: (orders: readonly TraceOrder[]) => void): { stop(): Promise<void> };
  /** Rejects when it could not be written; writing the same again changes nothing. */
  write(batch: TraceBatch): Promise<void>;
}

/** Opens sealed secrets. Null when this node holds no key for it. */
export interface KeyStore {
  open(secretId: string): Uint8Array | null;
}

export interface FrameSink {
  publish(frame: MetricsFrame): void;
}

export type AcceptedEntries = { entries: RecipientEntry[] };

/** A content on its way to the disk in parts. What no injection takes is removed; what a crash leaves of it is garbage to the next start. */
export interface ContentDraft {
  /**
   * The next part; all but the last are of one size. Its memory is the spool's from now on. Resolves when the file has it, which is not yet
   * durable; one call at a time. Rejects with a SpoolError: then nothing of it is held.
   */
  append(part: Uint8Array): Promise<void>;
  /** Resolves when all of it is on disk, with the place that an injection is to name. Rejects as `append` does. */
  finish(facts: ContentFacts): Promise<ContentRef>;
  /** Of no use any more; after `finish` only while no injection named it. */
  discard(): void;
}

export interface Spool {
  /** Hands out what is on disk in batches: what is due first, and as rows what is not due for a while. Call once, before anything else. */
  recover(): AsyncIterable<RecoveredBatch>;
  /** Resolves when content and all entries are on disk (fdatasync). Rejects with a SpoolError and then holds nothing of it. */
  accept(injection: Injection): Promise<AcceptedEntries>;
  /** Resolves when the records are on disk. Order of calls is order in the log. */
  record(records: SpoolRecord[]): Promise<void>;
  /** Live entries by their ids, as recorded last; null for one that is over, missing or damaged. */
  load(entryIds: readonly string[]): Promise<(RecipientEntry | null)[]>;
  /** Absent: a deposit is a retry like any other. */
  readonly depot?: EntryDepot;
  /** Begins a content that is too large to be held: it is written as it comes and accepted by its place. */
  draft(): ContentDraft;
  /** The bytes as injected, and what was known of them; of one written in parts its beginning. Recent contents come from memory. */
  read(content: ContentRef): Promise<StoredContent>;
  /** Why nothing may be accepted or delivered now (disk full, I/O error); null when all is well. */
  trouble(): SpoolTrouble | null;
  close(): Promise<void>;
}

/**
 * `deliveryMayGoOn`: outcomes can still be recorded (they have a reserve), so delivery goes on and frees space; only accepting stops.
 * When false nothing may be offered to a remote host, since its outcome could not be kept.
 */
export type SpoolTrouble = { code: 'disk_full' | 'io_error'; message: string; deliveryMayGoOn: boolean };
export class SpoolError extends Error {
  readonly code: SpoolTrouble['code'];
  constructor(trouble: SpoolTrouble) {
    super(trouble.message);
    this.name = 'SpoolError';
    this.code = trouble.code;
  }
}

export type { ProbeResult, SourceProber } from './health/source-prober.ts';
export type { EgressPath, RouteHost, SecurityRequirement };

/** What went wrong before any message was offered: delays the path, costs no entry an attempt. */
export type PathFailure = Outcome & {
  kind: 'deferred';
  mxHost: string | null;
  remoteAddress: string | null;
  /** What TLS had agreed on before the connection was given up. */
  tls?: TlsFacts | null;
  /** We had no socket, port or buffer to try with: back-pressure, no deferral. */
  pressure?: boolean;
  /** What it says of the source: where it got stuck, and at which host. */
  fault?: { kind: ConnectFault; host: RouteHost | null };
  /** A host was reached, whatever it said then. */
  reached?: true;
};

/**
 * How TLS fared with a host that was spoken to. `trouble`: why there is none. `doubt`: there is, nobody asked for proof, and the certificate
 * would not have been one.
 */
export type TlsSeen = { host: RouteHost; trouble: TlsTrouble | null; doubt: TlsTrouble | null; detail: string };

export type ConnectResult = ({ ok: true; session: DeliverySession } | { ok: false; failure: PathFailure }) & { tls?: readonly TlsSeen[] };

/** What one transaction carries. */
export type Transaction = {
  sender: string;
  entries: readonly RecipientEntry[];
  facts: ContentFacts;
  bytes: Uint8Array;
  /** What follows the bytes, of a content that is read as it is sent. */
  further: FurtherParts | null;
  /** Goes in front of the bytes: the signature. */
  header: Uint8Array;
  /** The pool of its lane. */
  poolId?: string | null;
};

/** One open connection, ready for transactions, one after the other. */
export interface DeliverySession {
  readonly facts: ConnectionFacts;
  /** False once the connection ended, was asked to end, or has carried its share. */
  readonly usable: boolean;
  /** Whether the envelope of a further transaction may leave behind the message of the present one. RFC 2920 section 3.1 */
  readonly chains: boolean;
  /**
   * Runs one transaction; one outcome per entry, in order. Never rejects. `next` is asked at most once, when the message may go out: the
   * transaction that it gives may leave in the same flight and must be the next that is handed to `deliver`.
   */
  deliver(transaction: Transaction, next?: () => Transaction | null): Promise<Outcome[]>;
  /** QUIT and close, bounded in time. */
  quit(): Promise<void>;
  destroy(): void;
  /** From now on this one hears what goes over the wire; undefined ends it. */
  listen(listener: ConnectionListener | undefined): void;
}

export interface Attempter {
  /** Tries the hosts in order until one greets us and, where it can, speaks TLS. `listen` is asked for a listener to each dial. */
  connect(path: EgressPath, hosts: readonly RouteHost[], listen?: HostListener): Promise<ConnectResult>;
}

export type { TlsFacts };
