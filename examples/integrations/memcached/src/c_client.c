/* client Weighted|Unweighted [HOST PORT WEIGHT]...
   Lines of standard input are `set KEY VALUE` or `get KEY`; each has a line of output. */
#include <libmemcached/memcached.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    memcached_st *client = memcached_create(NULL);
    memcached_behavior_t ketama = strcmp(argv[1], "Weighted") == 0
        ? MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED : MEMCACHED_BEHAVIOR_KETAMA;
    memcached_behavior_set(client, ketama, 1);
    for (int i = 2; i + 2 < argc; i += 3)
        memcached_server_add_with_weight(client, argv[i], atoi(argv[i + 1]), atoi(argv[i + 2]));

    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    while ((len = getline(&line, &room, stdin)) > 4) {
        char *key = line + 4, *end = line + len - 1;
        if (line[0] == 's') {
            char *space = memchr(key, ' ', end - key);
            memcached_return_t done = memcached_set(client, key, space - key, space + 1, end - space - 1, 0, 0);
            puts(done == MEMCACHED_SUCCESS ? "STORED" : memcached_strerror(client, done));
        } else {
            size_t found;
            uint32_t flags;
            memcached_return_t done;
            char *value = memcached_get(client, key, end - key, &found, &flags, &done);
            if (value)
                fwrite(value, 1, found, stdout);
            putchar('\n');
            free(value);
        }
    }
    free(line);
    memcached_free(client);
    return 0;
}
