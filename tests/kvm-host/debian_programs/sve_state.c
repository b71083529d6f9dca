/* Holds patterns in all of Z, P and FFR through context switches and signals, in one process for each vector
 * length given in bytes, all at the same time. The state is live in a loop without system calls, as those may
 * lose it. Linux, "Scalable Vector Extension support for AArch64 Linux". */

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST = 256, ROUNDS = 4000000, LEAST_SIGNALS = 3, MOST_TRIES = 200 };

struct state {
  uint8_t z[32 * LONGEST], p[16 * LONGEST / 8], ffr[LONGEST / 8];
} __attribute__((aligned(16)));

static volatile sig_atomic_t signals;

#define EACH_P(do) \
  do(0) do(1) do(2) do(3) do(4) do(5) do(6) do(7) do(8) do(9) do(10) do(11) do(12) do(13) do(14) do(15)
#define EACH_Z(do) \
  EACH_P(do) do(16) do(17) do(18) do(19) do(20) do(21) do(22) do(23) \
  do(24) do(25) do(26) do(27) do(28) do(29) do(30) do(31)
#define LOAD_Z(n) "ldr z" #n ", [%0, #" #n ", mul vl]\n"
#define STORE_Z(n) "str z" #n ", [%0, #" #n ", mul vl]\n"
#define LOAD_P(n) "ldr p" #n ", [%1, #" #n ", mul vl]\n"
#define STORE_P(n) "str p" #n ", [%1, #" #n ", mul vl]\n"
#define SPOIL_Z(n) "dup z" #n ".b, #-" #n "\n"
#define SPOIL_P(n) "pfalse p" #n ".b\n"

static void spoil(int number) {
  (void)number;
  signals++;
  __asm__ volatile(EACH_Z(SPOIL_Z) EACH_P(SPOIL_P) "wrffr p0.b\n" ::: "memory");
}

/* The state as it is after `rounds` of a loop that does not touch it. */
static void hold(struct state *state, uint64_t rounds) {
  __asm__ volatile(
      "ldr p0, [%2]\n wrffr p0.b\n" EACH_Z(LOAD_Z) EACH_P(LOAD_P)
      "1: subs %3, %3, #1\n b.ne 1b\n"
      EACH_Z(STORE_Z) EACH_P(STORE_P) "rdffr p0.b\n str p0, [%2]\n"
      : : "r"(state->z), "r"(state->p), "r"(state->ffr), "r"(rounds)
      : "memory", "cc", "p0", "z0", "z8", "z9", "z10", "z11", "z12", "z13", "z14", "z15");
}

static void draw(struct state *state, unsigned seed) {
  srand(seed);
  for (size_t n = 0; n < sizeof state->z; n++) state->z[n] = rand() >> 8;
  for (size_t n = 0; n < sizeof state->p; n++) state->p[n] = rand() >> 8;
  /* Ones up to an element, then zeroes, as first-fault loads leave it. */
  memset(state->ffr, 0, sizeof state->ffr);
  state->ffr[0] = 0xff, state->ffr[1] = 0x0f;
}

static int survive(int length) {
  static struct state drawn, held;
  const int given = prctl(PR_SVE_SET_VL, length);
  uint64_t bytes;
  __asm__("rdvl %0, #1" : "=r"(bytes));
  if (given < 0 || (given & PR_SVE_VL_LEN_MASK) != length || bytes != (uint64_t)length) {
    printf("vl %d: got %d, rdvl %d\n", length, given & PR_SVE_VL_LEN_MASK, (int)bytes);
    return 1;
  }
  const struct itimerval every = {{0, 7000}, {0, 7000}};
  signal(SIGALRM, spoil);
  setitimer(ITIMER_REAL, &every, NULL);
  struct rusage used;
  for (int n = 0; n < MOST_TRIES; n++) {
    draw(&drawn, length + n);
    held = drawn;
    hold(&held, ROUNDS);
    if (memcmp(&held, &drawn, sizeof held) != 0) {
      printf("vl %d: lost after %d signals\n", length, (int)signals);
      return 1;
    }
    getrusage(RUSAGE_SELF, &used);
    if (signals >= LEAST_SIGNALS && used.ru_nivcsw >= LEAST_SIGNALS) break;
  }
  const int enough = signals >= LEAST_SIGNALS && used.ru_nivcsw >= LEAST_SIGNALS;
  printf("vl %d: %s\n", length, enough ? "intact" : "never interrupted");
  return !enough;
}

int main(int count, char **lengths) {
  int failed = 0, status;
  for (int n = 1; n < count; n++) {
    if (fork() == 0) {
      status = survive(atoi(lengths[n]));
      fflush(stdout);
      _exit(status);
    }
  }
  while (wait(&status) > 0) failed |= status != 0;
  printf("sve state: %s\n", failed ? "lost" : "intact");
  return failed;
}
