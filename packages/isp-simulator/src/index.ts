// Mailbox providers on loopback: DNS and SMTP receivers for the sandbox of `npm start`, for tests and for drills.
export { startSimulator, type Simulator, type SimulatorOptions } from './simulator.ts';
export { makeCertificates } from './certificates.ts';
export { DnsServer } from './dns/server.ts';
export { readReceived, type ReceivedMessage } from './received-log.ts';
export { mailboxRules, ruleOf, type MailboxRule } from './mailbox.ts';
export { profiles, type Profile, type ProfileName, type ProfileOverrides } from './profiles.ts';
export { hosts, type SandboxHost } from './hosts.ts';
export { reactionParameters, type ReactionInput, type ReactionParameters } from './reaction/parameters.ts';
export {
  ReactingProvider,
  type AccountView,
  type Attempt,
  type Identity,
  type RefusalCause,
  type Verdict,
} from './reaction/reacting-provider.ts';
export { ModelledHosts, type ModelledHostsOptions } from './model/modelled-hosts.ts';
export { modelledDns, type ModelledDns } from './model/modelled-dns.ts';
export { readProfileChanges, type ProfileChanges } from './model/profile-changes.ts';
export type { SimulatorClock } from './clock.ts';
export type { DnsAnswer, DnsRecord, RecordType } from './dns/answer.ts';
export type { SourceCounters } from './source-limits.ts';
