// Where a signal frame of arm64 Linux holds the vector registers (uapi header <asm/sigcontext.h>).

#pragma once
#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <ucontext.h>
#include <asm/sigcontext.h>

static struct _aarch64_ctx *record(ucontext_t *context, uint32_t magic)
{
    uint8_t *at = (uint8_t *)context->uc_mcontext.__reserved;
    for (;;) {
        struct _aarch64_ctx *head = (struct _aarch64_ctx *)at;
        if (head->magic == magic)
            return head;
        if (head->magic == EXTRA_MAGIC)
            at = (uint8_t *)((struct extra_context *)head)->datap;
        else if (head->magic == 0)
            errx(EXIT_FAILURE, "the signal frame has no record %x", magic);
        else
            at += head->size;
    }
}

/** Z0 to Z31, P0 to P15, FFR, one after another. */
static uint8_t *sve_registers(ucontext_t *context, size_t vector_bytes)
{
    struct sve_context *sve = (struct sve_context *)record(context, SVE_MAGIC);
    if (sve->vl != vector_bytes || sve->head.size < SVE_SIG_CONTEXT_SIZE(vector_bytes / 16))
        errx(EXIT_FAILURE, "the signal frame's vector length is %u", sve->vl);
    return (uint8_t *)sve + SVE_SIG_REGS_OFFSET;
}
