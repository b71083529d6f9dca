// Whole reads of standard input and whole writes to standard output.

#pragma once
#include <err.h>
#include <stdlib.h>
#include <unistd.h>

/** Ends the program where the input ends at the start of this. */
static void read_all_or_end(void *to, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = read(STDIN_FILENO, (char *)to + done, size - done);
        if (count == 0 && done == 0)
            _exit(EXIT_SUCCESS);
        if (count <= 0)
            err(EXIT_FAILURE, "standard input ended early");
        done += count;
    }
}

static void write_all(const void *from, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = write(STDOUT_FILENO, (const char *)from + done, size - done);
        if (count <= 0)
            err(EXIT_FAILURE, "standard output");
        done += count;
    }
}
