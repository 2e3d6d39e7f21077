// The sandbox's hosts without sockets: the same sessions, limits and reactions as behind SMTP, asked directly under whatever clock is given.
// A simulation of a day asks millions of times; what it is told is what the listening hosts would say. Hosts that the sandbox does not have
// are answered for by the provider that their name belongs to, all others by a plain host of their own.
import { simulatedPresets, type SampleReply } from '@sluice/providers';
import { SeededRandom, type SimulatorClock } from '../clock.ts';
import { Greylist } from '../greylist.ts';
import { hosts, type SandboxHost } from '../hosts.ts';
import { profiles, withOverrides, type Profile, type ProfileName } from '../profiles.ts';
import { ReactingProvider, type AccountView } from '../reaction/reacting-provider.ts';
import { Session, type SessionContext } from '../smtp/session.ts';
import { SourceLimits } from '../source-limits.ts';
import type { ProfileChanges } from './profile-changes.ts';

export type SaidOf = { phase: 'mail' | 'rcpt' | 'message'; said: SampleReply };
/** `ends`: the host closes the connection; `dropped`: without a word after the message. */
export type Carried = { answers: SaidOf[]; takesMs: number; ends: boolean; dropped: boolean };

/** Null where nothing answers. `greetingMs`: how long it lets us wait for the first word. */
export type ModelledConnection = { session: ModelledSession | null; refused: SampleReply | null; greetingMs: number } | null;

export type ModelledHostsOptions = {
  seed: string;
  clock: SimulatorClock;
  /** Changes of profiles, by name. */
  profiles?: ProfileChanges;
  /** Mailboxes that do not exist, beside those whose names say so. */
  isUnknown?: (address: string) => boolean;
};

const byName = new Map(hosts.map((host) => [host.name, host]));
const enhancedPattern = /^([245]\.\d{1,3}\.\d{1,3}) /;
/** Hosts of their own that are remembered with all they need. */
const maxOwnHosts = 50_000;

export class ModelledHosts {
  readonly #options: ModelledHostsOptions;
  readonly #limits: SourceLimits;
  readonly #greylist: Greylist;
  readonly #profiles = new Map<ProfileName, Profile>();
  readonly #reacting = new Map<ProfileName, ReactingProvider>();
  readonly #hosts = new Map<string, { host: SandboxHost; random: SeededRandom }>();

  constructor(options: ModelledHostsOptions) {
    this.#options = options;
    this.#limits = new SourceLimits(options.clock);
    this.#greylist = new Greylist(options.clock);
  }

  /** One connection from the address `source`. The session's `end` must follow, whether it was taken or not. */
  connect(name: string, source: string): ModelledConnection {
    const { host, random } = this.#host(name);
    if (host.behaviour.kind !== 'smtp') return null;
    const { clock } = this.#options;
    const { profile: profileName } = host.behaviour;
    const profile = this.#profile(profileName);
    const reaction = this.#reaction(profileName);
    const group = profileName === 'plain' ? host.name : profileName;
    const liked = reaction === null || reaction.connect(source, clock.monotonicMs()).kind === 'pass';
    const account = this.#limits.of(group, source);
    const allowed = account.open(profile) && liked;
    const context: SessionContext = {
      ...{ host: host.name, source, account, profile: () => profile, greylist: this.#greylist, random },
      ...{ reaction: () => reaction, nowMs: () => clock.monotonicMs() },
    };
    const end = (): void => {
      account.close();
      reaction?.disconnect(source, clock.monotonicMs());
    };
    const session = new ModelledSession(new Session(context), end, this.#options.isUnknown ?? (() => false));
    const greetingMs = random.between(...profile.greetingDelayMs);
    const greeting = session.begin(allowed);
    if (greeting === null) return { session, refused: null, greetingMs };
    session.end();
    return { session: null, refused: greeting, greetingMs };
  }

  /** What each provider that reacts thinks of those that sent to it. */
  views(): Map<ProfileName, AccountView[]> {
    const nowMs = this.#options.clock.monotonicMs();
    return new Map([...this.#reacting].map(([name, provider]) => [name, provider.views(nowMs)]));
  }

  #host(name: string): { host: SandboxHost; random: SeededRandom } {
    const known = this.#hosts.get(name);
    if (known) return known;
    if (this.#hosts.size >= maxOwnHosts) this.#hosts.clear();
    const host = byName.get(name) ?? { name, address: '', behaviour: { kind: 'smtp', profile: profileByName(name) } };
    const made = { host, random: new WithoutIds(`${this.#options.seed} ${name}`) };
    this.#hosts.set(name, made);
    return made;
  }

  #profile(name: ProfileName): Profile {
    const known = this.#profiles.get(name);
    if (known) return known;
    const change = this.#options.profiles?.[name];
    const made = change ? withOverrides(profiles[name], change) : profiles[name];
    this.#profiles.set(name, made);
    return made;
  }

  #reaction(name: ProfileName): ReactingProvider | null {
    const known = this.#reacting.get(name);
    if (known) return known;
    const { reaction, replies, reactions } = this.#profile(name);
    if (reaction === null) return null;
    const made = new ReactingProvider(reaction, { replies, reactions }, `${this.#options.seed} ${name}`);
    this.#reacting.set(name, made);
    return made;
  }
}

/** The profile of a host that only its name tells of. */
function profileByName(name: string): ProfileName {
  const preset = simulatedPresets.find(({ mxSuffixes }) => mxSuffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`)));
  const key = preset?.key;
  return key !== undefined && Object.hasOwn(profiles, key) ? (key as ProfileName) : 'plain';
}

/** One connection: whole transactions in, what was said to each recipient out. */
export class ModelledSession {
  readonly #session: Session;
  readonly #end: () => void;
  readonly #isUnknown: (address: string) => boolean;
  #open = true;

  constructor(session: Session, end: () => void, isUnknown: (address: string) => boolean) {
    this.#session = session;
    this.#end = end;
    this.#isUnknown = isUnknown;
  }

  /** Null when it was greeted, else the refusal. */
  begin(allowed: boolean): SampleReply | null {
    const greeting = this.#session.greeting(allowed).reply;
    if (greeting.code >= 400) return asRead(greeting);
    const hello = this.#session.command('HELO simulation.example').reply;
    return hello.code >= 400 ? asRead(hello) : null;
  }

  carry(mail: { sender: string; recipients: readonly string[]; dkimDomain: string | null }): Carried {
    const from = this.#session.command(`MAIL FROM:<${mail.sender}>`);
    const closing = { takesMs: 0, dropped: false };
    if (from.reply.code >= 400) {
      const first = asRead(from.reply);
      return { ...closing, answers: mail.recipients.map(() => ({ phase: 'mail', said: first })), ends: from.then === 'close' };
    }
    const answers: (SaidOf | null)[] = [];
    for (const recipient of mail.recipients) {
      const to = this.#session.command(`RCPT TO:<${this.#isUnknown(recipient) ? `unknown.${recipient}` : recipient}>`);
      const said = asRead(to.reply);
      answers.push(said.code >= 400 ? { phase: 'rcpt', said } : null);
      if (to.then === 'close') return { ...closing, answers: answers.map((answer) => answer ?? { phase: 'rcpt', said }), ends: true };
    }
    if (answers.every((answer) => answer !== null)) {
      this.#session.command('RSET');
      return { ...closing, answers: answers.filter((answer) => answer !== null), ends: false };
    }
    const { verdict } = this.#session.message(mail.dkimDomain);
    if (verdict.kind === 'drop') {
      const said = { code: 421, enhanced: null, text: 'the connection ended' };
      return { answers: answers.map((answer) => answer ?? { phase: 'message', said }), takesMs: 0, ends: true, dropped: true };
    }
    const said = asRead(verdict.reply);
    const all = answers.map((answer): SaidOf => answer ?? { phase: 'message', said });
    return { answers: all, takesMs: verdict.delayMs, ends: verdict.close, dropped: false };
  }

  /** Doing it twice is doing it once. */
  end(): void {
    if (this.#open) this.#end();
    this.#open = false;
  }
}

/** As a client reads it: an enhanced code that the provider has in its text is one. RFC 2034 section 4 */
function asRead(reply: SampleReply): SampleReply {
  const enhanced = reply.enhanced === null ? enhancedPattern.exec(reply.text)?.[1] : undefined;
  if (enhanced === undefined) return reply;
  const lines = reply.text.split('\n').map((line) => line.slice(enhanced.length + 1));
  return { code: reply.code, enhanced, text: lines.join('\n') };
}

/** Ids are in no log here, and drawing them letter by letter would cost as much as all the rest of a reply. */
class WithoutIds extends SeededRandom {
  override id(): string {
    return 'simulated';
  }
}
