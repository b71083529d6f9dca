// Devices the kernel emulates (linux/kvm.h, enum kvm_device_type) and the attributes of its interrupt
// controllers (kernel documents "ARM Virtual Generic Interrupt Controller v2" and "v3 and later").

export const deviceTypes = {
  KVM_DEV_TYPE_ARM_VGIC_V2: 5,
  KVM_DEV_TYPE_ARM_VGIC_V3: 7,
  KVM_DEV_TYPE_ARM_VGIC_ITS: 8,
} as const;

/** linux/kvm.h, in kvm_create_device.flags: make nothing, only tell whether it could be made. */
export const KVM_CREATE_DEVICE_TEST = 1;

export type DeviceType = keyof typeof deviceTypes;

export const gicAttributes = {
  KVM_DEV_ARM_VGIC_GRP_ADDR: 0,
  KVM_DEV_ARM_VGIC_GRP_NR_IRQS: 3,
  KVM_DEV_ARM_VGIC_GRP_CTRL: 4,
  KVM_VGIC_V2_ADDR_TYPE_DIST: 0,
  KVM_VGIC_V2_ADDR_TYPE_CPU: 1,
  KVM_VGIC_V3_ADDR_TYPE_DIST: 2,
  KVM_VGIC_V3_ADDR_TYPE_REDIST: 3,
  /** Base, index and count of a region of redistributors in one word. */
  KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION: 5,
  KVM_DEV_ARM_VGIC_CTRL_INIT: 0,
} as const;
