// The yardstick of the benchmarks: a monitor of one vcpu in C that does over /dev/kvm what Velum does for a
// tiny guest, and nothing else (Linux kernel document "The Definitive KVM API Documentation").
//
//   mmio_loop IMAGE DTB MEBIBYTES
//
// Runs the flat binary IMAGE with the device tree DTB; the guest's console goes to stdout, and the exit device
// gives the exit status. Status 125: something here failed, and stderr says what.

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FAILED = 125 };

// The machine, as vmm/machine/board.ts has it.
enum {
    GICD_BASE = 0x08000000,
    GICR_BASE = 0x080a0000,
    GIC_INTIDS = 128,
    PL011_DR = 0x09000000,
    PL011_FR = 0x09000018,
    PL011_FR_TXFE = 1 << 7,
    PL011_FR_RXFE = 1 << 4,
    PL031_MR = 0x09010004,
    EXIT_DEVICE = 0x090f0000,
    RAM_BASE = 0x40000000,
    IMAGE_OFFSET = 0x80000,
    DTB_OFFSET = 0x200000,
    PMU_INTID = 23,
};

/** PSTATE: EL1 with its own stack pointer, and D, A, I, F masked. */
static const uint64_t EL1H_MASKED = 0x3c5;

static int call(int fd, unsigned long request, const char *name, uintptr_t argument)
{
    int answer = ioctl(fd, request, argument);
    if (answer < 0)
        err(FAILED, "%s", name);
    return answer;
}
#define CALL(fd, request, argument) call(fd, request, #request, (uintptr_t)(argument))

static void load(const char *path, char *to, size_t room)
{
    int fd = open(path, O_RDONLY);
    ssize_t count = fd < 0 ? -1 : read(fd, to, room);
    if (count < 0)
        err(FAILED, "%s", path);
    close(fd);
}

static char *create_ram(int vm, size_t size)
{
    char *ram = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (ram == MAP_FAILED)
        err(FAILED, "mmap");
    madvise(ram, size, MADV_HUGEPAGE);
    struct kvm_userspace_memory_region region = {
        .guest_phys_addr = RAM_BASE,
        .memory_size = size,
        .userspace_addr = (uintptr_t)ram,
    };
    CALL(vm, KVM_SET_USER_MEMORY_REGION, &region);
    return ram;
}

static void add_feature(struct kvm_vcpu_init *init, int bit)
{
    init->features[bit / 32] |= 1u << bit % 32;
}

/** A vcpu with everything that this host offers. */
static int create_vcpu(int vm)
{
    int vcpu = CALL(vm, KVM_CREATE_VCPU, 0);
    int has_sve = CALL(vm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_SVE);
    struct kvm_vcpu_init init;
    CALL(vm, KVM_ARM_PREFERRED_TARGET, &init);
    add_feature(&init, KVM_ARM_VCPU_PSCI_0_2);
    if (CALL(vm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_PMU_V3))
        add_feature(&init, KVM_ARM_VCPU_PMU_V3);
    if (CALL(vm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_PTRAUTH_ADDRESS)) {
        add_feature(&init, KVM_ARM_VCPU_PTRAUTH_ADDRESS);
        add_feature(&init, KVM_ARM_VCPU_PTRAUTH_GENERIC);
    }
    if (has_sve)
        add_feature(&init, KVM_ARM_VCPU_SVE);
    CALL(vcpu, KVM_ARM_VCPU_INIT, &init);
    int feature = KVM_ARM_VCPU_SVE;
    if (has_sve)
        CALL(vcpu, KVM_ARM_VCPU_FINALIZE, &feature);
    return vcpu;
}

static void set_attribute(int fd, uint32_t group, uint64_t attr, const void *value)
{
    struct kvm_device_attr attribute = { .group = group, .attr = attr, .addr = (uintptr_t)value };
    CALL(fd, KVM_SET_DEVICE_ATTR, &attribute);
}

static void create_gic(int vm)
{
    struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
    uint64_t distributor = GICD_BASE, redistributors = GICR_BASE;
    uint32_t intids = GIC_INTIDS;
    CALL(vm, KVM_CREATE_DEVICE, &device);
    set_attribute(device.fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &intids);
    set_attribute(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &distributor);
    set_attribute(device.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redistributors);
    set_attribute(device.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

static void start_pmu(int vm, int vcpu)
{
    int intid = PMU_INTID;
    if (!CALL(vm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_PMU_V3))
        return;
    set_attribute(vcpu, KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_IRQ, &intid);
    set_attribute(vcpu, KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_INIT, NULL);
}

static void set_core_register(int vcpu, uint64_t index, uint64_t value)
{
    struct kvm_one_reg reg = {
        .id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | index,
        .addr = (uintptr_t)&value,
    };
    CALL(vcpu, KVM_SET_ONE_REG, &reg);
}

static uint32_t device_read(uint64_t address)
{
    switch (address) {
    case PL011_FR:
        return PL011_FR_TXFE | PL011_FR_RXFE;
    case PL031_MR:
    default:
        return 0;
    }
}

static void device_write(uint64_t address, uint32_t value)
{
    char byte = (char)value;
    switch (address) {
    case PL011_DR:
        if (write(STDOUT_FILENO, &byte, 1) != 1)
            err(FAILED, "stdout");
        break;
    case EXIT_DEVICE:
        exit(value & 0xff);
    }
}

static void serve_mmio(struct kvm_run *run)
{
    uint32_t value;
    if (run->mmio.is_write) {
        memcpy(&value, run->mmio.data, sizeof value);
        device_write(run->mmio.phys_addr, value);
    } else {
        value = device_read(run->mmio.phys_addr);
        memcpy(run->mmio.data, &value, sizeof value);
    }
}

static void run_forever(int vcpu, struct kvm_run *run)
{
    for (;;) {
        if (ioctl(vcpu, KVM_RUN, 0) < 0) {
            if (errno != EINTR && errno != EAGAIN)
                err(FAILED, "KVM_RUN");
        } else if (run->exit_reason == KVM_EXIT_MMIO) {
            serve_mmio(run);
        } else {
            errx(FAILED, "exit %u", run->exit_reason);
        }
    }
}

int main(int count, char **arguments)
{
    if (count != 4)
        errx(FAILED, "usage: mmio_loop IMAGE DTB MEBIBYTES");
    size_t size = strtoul(arguments[3], NULL, 10) << 20;
    int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (kvm < 0)
        err(FAILED, "/dev/kvm");
    int vm = CALL(kvm, KVM_CREATE_VM, 0);
    char *ram = create_ram(vm, size);
    load(arguments[1], ram + IMAGE_OFFSET, DTB_OFFSET - IMAGE_OFFSET);
    load(arguments[2], ram + DTB_OFFSET, size - DTB_OFFSET);
    int vcpu = create_vcpu(vm);
    create_gic(vm);
    start_pmu(vm, vcpu);
    set_core_register(vcpu, KVM_REG_ARM_CORE_REG(regs.pc), RAM_BASE + IMAGE_OFFSET);
    set_core_register(vcpu, KVM_REG_ARM_CORE_REG(regs.regs[0]), RAM_BASE + DTB_OFFSET);
    set_core_register(vcpu, KVM_REG_ARM_CORE_REG(regs.pstate), EL1H_MASKED);
    int run_size = CALL(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    struct kvm_run *run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    if (run == MAP_FAILED)
        err(FAILED, "mmap of kvm_run");
    run_forever(vcpu, run);
}
