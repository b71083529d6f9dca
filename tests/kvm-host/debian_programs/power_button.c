/* Waits for a rising edge on line 3 of the first GPIO controller: what a power button gives, asked for from userspace,
 * as Debian's kernel for the cloud has the PL061's driver and not that of keys. Linux, "GPIO Character Device Userspace
 * API". */

#include <err.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINE = 3 };

int main(void)
{
  int chip = open("/dev/gpiochip0", O_RDWR);
  if (chip < 0)
    err(1, "/dev/gpiochip0");
  struct gpio_v2_line_request request = {
    .offsets = { LINE },
    .num_lines = 1,
    .config = { .flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING },
  };
  if (ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) < 0)
    err(1, "GPIO_V2_GET_LINE_IOCTL");
  puts("power button: awaited");
  fflush(stdout);
  struct gpio_v2_line_event event;
  if (read(request.fd, &event, sizeof event) != sizeof event)
    err(1, "read");
  struct gpio_v2_line_values held = { .mask = 1 };
  if (ioctl(request.fd, GPIO_V2_LINE_GET_VALUES_IOCTL, &held) < 0)
    err(1, "GPIO_V2_LINE_GET_VALUES_IOCTL");
  printf("power button: rising edge of line %u, now %llu\n", event.offset, (unsigned long long)held.bits);
  return 0;
}
