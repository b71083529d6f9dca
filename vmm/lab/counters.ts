// Registers that go on by themselves: two answers of theirs are never alike, and that is no difference.

const counters = /^(KVM_REG_ARM_P?TIMER_CNT|CNT[PV]CT\w*|PMCCNTR_EL0|PMEVCNTR\d+_EL0)$/;

export const isCounter = (register: string): boolean => counters.test(register);
