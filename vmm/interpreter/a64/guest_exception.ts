// An exception that an instruction takes, on its way from where it is found to the engine, which enters it (Arm
// DDI 0487, "ESR_EL1, Exception Syndrome Register (EL1)").

export class GuestException {
  /**
   * @param ec the exception class, ESR_EL1.EC
   * @param iss ESR_EL1.ISS, 25 bits
   * @param faultAddress for FAR_EL1, where the class has one
   * @param returnsAfter whether ELR_EL1 is the next instruction's address, not this one's
   */
  constructor(
    readonly ec: number,
    readonly iss: number,
    readonly faultAddress?: bigint,
    readonly returnsAfter = false,
  ) {}
}
