/* greet: a WASI command as any compiler makes it: reads stdin, writes stdout, and says who and where it is. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    char name[65];
    size_t length = fread(name, 1, sizeof name - 1, stdin);
    name[length] = 0;
    if (length == 0) {
        fprintf(stderr, "expected a name on stdin, found nothing\n");
        return 2;
    }
    printf("hello %s, this is %s on %s\n", name, getenv("SATNODE_FUNCTION"), getenv("SATNODE_NODE"));
    return 0;
}
