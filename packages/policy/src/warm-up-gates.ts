// What a day's attempts say of the warm-up: shares of deferrals, blocks, hard bounces and complaints against the plan's gates. The worst
// gate speaks, in one clause that an operator can act on.
import { warmUpGateNames, type WarmUpCounts, type WarmUpGateName, type WarmUpGates } from '@sluice/contract';

export type GateState = {
  gate: WarmUpGateName;
  /** Of the attempts, in percent; null while there are too few of them. */
  percent: number | null;
  hold: number | null;
  stepBack: number | null;
  state: 'fine' | 'holds' | 'steps_back';
};
export type GateVerdict = { state: GateState['state']; reason: string };

const numberOf: Readonly<Record<WarmUpGateName, (counts: WarmUpCounts) => number>> = {
  deferral: ({ deferred }) => deferred,
  block: ({ blocked }) => blocked,
  hardBounce: ({ hardBounced }) => hardBounced,
  complaint: ({ complaints }) => complaints,
};
const words: Readonly<Record<WarmUpGateName, string>> = {
  deferral: 'were deferred',
  block: 'were blocked',
  hardBounce: 'were hard bounces',
  complaint: 'drew a complaint',
};

export function gateStates(gates: WarmUpGates, counts: WarmUpCounts): GateState[] {
  const enough = counts.attempted >= gates.minimumAttempts;
  return warmUpGateNames.map((gate) => {
    const { hold, stepBack } = gates[gate];
    const percent = enough ? (numberOf[gate](counts) / counts.attempted) * 100 : null;
    const reached = (bound: number | null): boolean => percent !== null && bound !== null && percent >= bound && percent > 0;
    return { gate, percent, hold, stepBack, state: reached(stepBack) ? 'steps_back' : reached(hold) ? 'holds' : 'fine' };
  });
}

/** Whether a step back is due; for the hot path, without words. */
export function stepsBack(gates: WarmUpGates, counts: WarmUpCounts): boolean {
  if (counts.attempted < gates.minimumAttempts) return false;
  for (const gate of warmUpGateNames) {
    const { stepBack } = gates[gate];
    const count = numberOf[gate](counts);
    if (stepBack !== null && count > 0 && count * 100 >= stepBack * counts.attempted) return true;
  }
  return false;
}

export function judge(gates: WarmUpGates, counts: WarmUpCounts): GateVerdict {
  const states = gateStates(gates, counts);
  const worst = states.find(({ state }) => state === 'steps_back') ?? states.find(({ state }) => state === 'holds');
  if (!worst) return { state: 'fine', reason: '' };
  const { gate, percent, state } = worst;
  const bound = state === 'steps_back' ? worst.stepBack : worst.hold;
  const what = state === 'steps_back' ? 'steps back' : 'holds';
  return { state, reason: `${percentText(percent ?? 0)} of ${counts.attempted} attempts ${words[gate]} (the plan ${what} at ${bound} %)` };
}

function percentText(percent: number): string {
  return `${percent >= 10 ? percent.toFixed(0) : percent.toFixed(percent >= 1 ? 1 : 2)} %`;
}
