// Automation of a running engine. What flows: every outcome is counted where rules look; a rule that is hit begins an action (a lower rate,
// a suspension, a held warm-up), or cuts once more what it began; quiet time takes it back step by step; its end takes it back whole. What
// begins, changes and ends is told as a decision and kept on disk, so that a restart goes on with the same rates, ends and steps. Rates
// are limits beside those of the configuration, of which the strictest holds; mail is held, moved and returned by commands of this node.
import type { EngineCommand } from '@sluice/contract';
import {
  atOnce,
  AutomationWatch,
  beginThrottle,
  compilingAutomation,
  hitThrottle,
  postponeStep,
  stepThrottle,
  type AutomationRule,
  type Hit,
  type LimitRule,
  type WatchedOutcome,
} from '@sluice/policy';
import { task } from '../queue/agenda.ts';
import type { AutomationPorts } from './automation-ports.ts';
import { ActionFile } from './action-file.ts';
import { ActionList, maxActions } from './action-list.ts';
import { placeKey, type Action } from './action.ts';
import { HeldLimits } from './held-limits.ts';
import { actionOfLimit, configuredPerMinute, limitsOf } from './limits-of.ts';
import { MailCommands } from './mail-commands.ts';
import * as words from './sentences.ts';

/** After an operator ended an action its rule leaves that place alone for at least so long. */
const shortestMuteMs = 15 * 60_000;
export const maxMutes = 1_000;
/** An action that an operator pinned goes on for so long, and then as it would have. */
const pinnedForMs = 7 * 86_400_000;
/** Where nothing is known of a rate. */
const unmeasuredPerMinute = 600;
/** Hits within so long of the last one change nothing that is kept. */
const hitGrainMs = 1_000;
const fullAlertEveryMs = 3_600_000;

export class Automation {
  readonly #ports: AutomationPorts;
  readonly #watch: AutomationWatch;
  readonly #actions = new ActionList();
  readonly #mutes = new Map<string, number>();
  readonly #file: ActionFile;
  readonly #mail: MailCommands;
  readonly #tick = task((nowMs) => this.#timePassed(nowMs));
  /** A pause is over: what holds from now on is told. */
  readonly #goOn = task(() => (this.#limits.moved(), this.#arrange()));
  readonly #limits = new HeldLimits(() => this.#limitsNow());
  #fullToldMs = -Infinity;

  constructor(ports: AutomationPorts) {
    this.#ports = ports;
    const { file, log, commands, clock, random, generation } = ports;
    this.#watch = new AutomationWatch(atOnce(compilingAutomation([])), (provider, key) => generation().replyMeaning(provider, key));
    this.#file = new ActionFile(file, log, () => ({ actions: this.#actions.byId, mutes: this.#mutes }));
    this.#mail = new MailCommands({ commands, clock, random, log });
  }

  connect(setLimits: (rules: readonly LimitRule[]) => Promise<void>): void {
    this.#limits.connect(setLimits);
  }

  /** Goes on with what went on before; resolves when its limits hold. After the commands were loaded. */
  async start(): Promise<void> {
    const nowMs = this.#ports.clock.nowMs();
    const { actions, mutes } = await this.#file.load();
    for (const [place, untilMs] of mutes) if (untilMs > nowMs) this.#mutes.set(place, untilMs);
    for (const action of actions.slice(0, maxActions)) this.#actions.put(action);
    this.#watch.swap(this.#ports.generation().automation);
    this.#timePassed(nowMs);
    await this.#limits.tell();
  }

  async stop(): Promise<void> {
    await this.#file.flush();
  }

  /** Other rules from now on: an action whose rule is gone, off or only tried out ends. */
  configurationChanged(): void {
    if (!this.#watch.swap(this.#ports.generation().automation)) return this.#limits.moved();
    const nowMs = this.#ports.clock.nowMs();
    for (const action of [...this.#actions.byId.values()]) {
      const rule = this.#rule(action);
      if (!rule || rule.action.kind !== action.kind || (rule.mode === 'dry_run') !== action.dry)
        this.#end(action, rule ? 'its rule was changed' : 'its rule is gone or off', nowMs);
    }
    this.#limits.moved();
  }

  /** Counts one outcome; acts where it hits a rule. */
  seen(outcome: WatchedOutcome & { readonly atMs: number }): void {
    const nowMs = outcome.atMs;
    for (const hit of this.#watch.seen(outcome, nowMs)) this.#hit(hit, outcome, nowMs);
  }

  /** Why the warm-up of the source at the provider is held, and until when; null when it is not. */
  holdsWarmUp(source: string, provider: string): { ruleName: string; sentence: string; untilMs: number } | null {
    const action = this.#actions.warmUpHold(source, provider);
    return action && { ruleName: action.ruleName, sentence: action.sentence, untilMs: action.endsMs };
  }

  /** All that goes on, those that are only tried out as well. What an operator resumed meanwhile is over. */
  get actions(): ReadonlyMap<string, Action> {
    this.#timePassed(this.#ports.clock.nowMs());
    return this.#actions.byId;
  }

  actionOfLimit(limitId: string): Action | null {
    return this.#actions.get(actionOfLimit(limitId) ?? '') ?? null;
  }

  actionOfCommand(commandId: string): Action | null {
    return this.#actions.ofCommand(commandId);
  }

  /** What an operator does to an action; false when there is none here. On disk when it resolves. */
  async obey({ kind, targetId, reason, issuedBy }: Pick<EngineCommand, 'kind' | 'targetId' | 'reason' | 'issuedBy'>): Promise<boolean> {
    const action = this.#actions.get(targetId ?? '');
    if (!action) return false;
    const nowMs = this.#ports.clock.nowMs();
    const because = `${issuedBy}: ${reason}`;
    if (kind === 'cancel_action') {
      const rule = this.#rule(action);
      this.#mute(placeKey(action.ruleId, action.key), nowMs + Math.max(shortestMuteMs, (rule?.trigger.windowSeconds ?? 0) * 1000));
      this.#end(action, `ended by ${because}`, nowMs);
    } else if (kind === 'pin_action' && !action.pinned) this.#repin(action, { leftMs: Math.max(0, action.endsMs - nowMs) }, because, nowMs);
    else if (kind === 'unpin_action' && action.pinned) this.#repin(action, null, because, nowMs);
    await this.#file.flush();
    return true;
  }

  #rule({ ruleId }: Pick<Action, 'ruleId'>): AutomationRule | undefined {
    return this.#ports.generation().automation.rules.get(ruleId);
  }

  #name({ subject }: Pick<Action, 'subject'>): string {
    return words.subjectWords(subject, this.#ports.generation());
  }

  #hit(hit: Hit, outcome: WatchedOutcome, nowMs: number): void {
    const { rule, key } = hit;
    const mutedMs = this.#mutes.get(placeKey(rule.id, key));
    if (mutedMs !== undefined && mutedMs > nowMs) return;
    const action = this.#actions.at(rule.id, key);
    if (action) this.#again(action, hit, nowMs, nowMs - (outcome.latencyMs ?? 0));
    else this.#begin(hit, outcome, nowMs);
  }

  #begin({ rule, key, subject, evidence }: Hit, { poolId, provider, site }: WatchedOutcome, nowMs: number): void {
    if (this.#actions.full) return this.#tellFull(nowMs);
    const { generation, node, random } = this.#ports;
    const configured = configuredPerMinute(subject, node, generation());
    // What was hit is what is sent now, not the mean of a time in which less was sent.
    const recent = this.#watch.recentRateOf(key.replace(/^network\0/, ''), nowMs) ?? this.#rateUsed(key, nowMs);
    const measured = recent ?? configured ?? unmeasuredPerMinute;
    const throttle = rule.action.kind === 'reduce' ? beginThrottle(rule.action, measured, configured, nowMs) : null;
    const ofPool = throttle && rule.per === 'identity' && subject.source !== undefined && poolId !== null;
    const poolRate = ofPool ? this.#watch.rateOfPool(poolId, provider, site, nowMs) : null;
    const begun: Action = {
      ...{ id: random.uuid(), ruleId: rule.id, ruleName: rule.name, key, kind: rule.action.kind, dry: rule.mode === 'dry_run', subject },
      ...{ startedMs: nowMs, lastHitMs: nowMs, endsMs: nowMs + rule.forSeconds * 1000, pinned: null },
      ...{ throttle, sentence: '', commandId: null },
      pool: poolId !== null && poolRate !== null ? { id: poolId, fromPerMinute: Math.max(poolRate, measured) } : null,
    };
    const what = words.held(begun, rule, this.#poolName(rule));
    const sentence = words.began(begun, what, this.#name(begun), evidence, nowMs);
    const action: Action = { ...begun, sentence: what, commandId: this.#mail.give(begun, rule, sentence) };
    this.#put(action);
    if (!action.dry && action.kind !== 'alert') this.#watch.reset(key);
    this.#tell(action, action.dry ? 'would_act' : action.kind, sentence, rule.alert || action.kind === 'alert');
  }

  /** What a rule began is hit again. */
  #again(action: Action, { rule, evidence }: Hit, nowMs: number, sinceMs: number): void {
    // What is only told is told again when its time is over.
    if (action.dry || action.kind === 'alert' || action.kind === 'bounce' || action.pinned) return;
    if (action.throttle && rule.action.kind === 'reduce') {
      const throttle = hitThrottle(action.throttle, rule.action, nowMs, sinceMs);
      if (throttle !== action.throttle) {
        this.#watch.reset(action.key);
        const from = action.throttle.ratePerMinute;
        const next = { ...action, throttle, lastHitMs: nowMs, endsMs: nowMs + rule.forSeconds * 1000 };
        this.#put({ ...next, sentence: words.held(next, rule, null) });
        if (throttle.ratePerMinute < from * 0.99)
          this.#tell(action, 'reduce', words.cutAgain(from, throttle, this.#name(action), evidence, action, nowMs), rule.alert);
        return;
      }
    }
    if (nowMs - action.lastHitMs < hitGrainMs || action.commandId !== null) return;
    const longer = { ...action, lastHitMs: nowMs, endsMs: nowMs + rule.forSeconds * 1000 };
    this.#put({ ...longer, sentence: words.held(longer, rule, null) });
  }

  #timePassed(nowMs: number): void {
    for (const [place, untilMs] of this.#mutes) if (untilMs <= nowMs) this.#mutes.delete(place);
    for (const action of [...this.#actions.byId.values()]) this.#timeOf(action, nowMs);
    this.#arrange();
  }

  #timeOf(action: Action, nowMs: number): void {
    const rule = this.#rule(action);
    if (action.pinned && action.endsMs <= nowMs) return this.#repin(action, null, 'the longest time for which an action is pinned', nowMs);
    if (this.#mail.lifted(action) && action.endsMs > nowMs) return this.#end(action, 'its mail was let go by an operator', nowMs);
    if (action.endsMs <= nowMs) return this.#end(action, `no hit for ${words.lasting(nowMs - action.lastHitMs)}`, nowMs);
    if (action.pinned || !action.throttle || rule?.action.kind !== 'reduce' || action.throttle.stepAtMs > nowMs) return;
    const quietMs = rule.action.quietSeconds * 1000;
    const before = action.throttle;
    if (!this.#watch.calm(rule, action.key, quietMs, nowMs))
      return this.#put({ ...action, throttle: postponeStep(before, rule.action, nowMs) });
    const throttle = stepThrottle(before, rule.action, nowMs, this.#rateUsed(action.key, nowMs));
    if (throttle?.ratePerMinute === before.ratePerMinute) return this.#put({ ...action, throttle });
    if (!throttle) return this.#end(action, `it recovered, ${words.lasting(quietMs)} without trouble at the last step`, nowMs);
    const next = { ...action, throttle };
    this.#put({ ...next, sentence: words.held(next, rule, null) });
    if (!action.dry)
      this.#tell(action, 'recover', words.steppedUp(before.ratePerMinute, throttle, this.#name(action), quietMs, nowMs), false);
  }

  /** Recipients a minute attempted there lately; null for none. */
  #rateUsed(key: string, nowMs: number): number | null {
    return this.#watch.rateOf(key.replace(/^network\0/, ''), nowMs);
  }

  #repin(action: Action, pinned: Action['pinned'], because: string, nowMs: number): void {
    const rule = this.#rule(action);
    const endsMs = nowMs + (pinned ? pinnedForMs : (action.pinned?.leftMs ?? 0));
    const throttle =
      action.throttle && rule?.action.kind === 'reduce' ? postponeStep(action.throttle, rule.action, nowMs) : action.throttle;
    const next = { ...action, pinned, endsMs, throttle };
    const sentence = rule ? words.held(next, rule, this.#poolName(rule)) : action.sentence;
    const told = `${this.#name(action)}: ${sentence}, ${pinned ? 'pinned' : 'no longer pinned'} at ${words.clock(nowMs)} UTC: ${because}`;
    const commandId = rule && action.commandId !== null ? this.#mail.give(next, rule, told) : action.commandId;
    this.#put({ ...next, sentence, commandId });
    this.#tell(action, pinned ? 'pin' : 'unpin', told, false);
  }

  #end(action: Action, because: string, nowMs: number): void {
    this.#mail.takeBack(action);
    this.#actions.remove(action);
    this.#file.changed(action.id);
    this.#limits.moved();
    if (action.dry || action.kind === 'alert' || action.kind === 'bounce') return;
    this.#watch.reset(action.key);
    this.#tell(action, 'end', words.ended(action, this.#name(action), because, nowMs), false);
  }

  #mute(place: string, untilMs: number): void {
    const [oldest] = this.#mutes.keys();
    if (this.#mutes.size >= maxMutes && oldest !== undefined) this.#mutes.delete(oldest);
    this.#mutes.set(place, untilMs);
    this.#file.muted(place);
  }

  #put(action: Action): void {
    this.#actions.put(action);
    this.#file.changed(action.id);
    this.#limits.moved();
    this.#arrange();
  }

  #limitsNow(): LimitRule[] {
    const { clock } = this.#ports;
    const [generation, nowMs] = [this.#ports.generation(), clock.nowMs()];
    return [...this.#actions.byId.values()].flatMap((action) => {
      const rule = action.dry ? undefined : this.#rule(action);
      return rule ? limitsOf(action, rule, generation, nowMs) : [];
    });
  }

  #arrange(): void {
    const nowMs = this.#ports.clock.nowMs();
    for (const { endsMs, pinned, throttle } of this.#actions.byId.values()) {
      this.#ports.agenda.schedule(this.#tick, pinned ? endsMs : Math.min(endsMs, throttle?.stepAtMs ?? Infinity));
      if (throttle && throttle.pausedUntilMs > nowMs) this.#ports.agenda.schedule(this.#goOn, throttle.pausedUntilMs);
    }
  }

  #poolName({ action }: AutomationRule): string | null {
    return action.kind === 'move' ? (this.#ports.generation().pool(action.poolId)?.name ?? null) : null;
  }

  #tellFull(nowMs: number): void {
    if (nowMs - this.#fullToldMs < fullAlertEveryMs) return;
    this.#fullToldMs = nowMs;
    const sentence = `${maxActions} actions go on: no further one begins on this node until some have ended`;
    this.#ports.decisions.tell({ kind: 'automation', action: 'full', subject: {}, sentence, alert: true });
  }

  #tell({ ruleId, subject }: Action, action: string, sentence: string, alert: boolean): void {
    this.#ports.decisions.tell({ kind: 'automation', action, subject, sentence, alert, ruleId });
  }
}
