# SPDX-License-Identifier: MIT
"""The directory of main's socket is full, read-only, or holds something else: main says which path, why, and what to do;
what runs goes on."""
import os, shutil, socket, subprocess, sys, tempfile, unittest
import peer_process
from exhausting import ExhaustionTest

NEXT_STEP = 'choose another endpoint with IPCZMQ_ENDPOINT'
MOUNT = ['unshare', '--mount'] if os.geteuid() == 0 else ['unshare', '--mount', '--map-root-user']
# Root may write anywhere; without these it is like anybody else.
WEAK = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] if os.geteuid() == 0 else []


def works(command):
    return shutil.which(command[0]) and subprocess.run([*command, 'true'], capture_output=True).returncode == 0


class DirectoryTest(ExhaustionTest):
    def setUp(self):
        super().setUp()
        self.path = self.endpoint[len('ipc://'):]
        self.folder = os.path.dirname(self.path)

    def fails(self, *parts, under=(), endpoint=None):
        """Main does not start, and says all of that, path and next step included, in one line."""
        main = peer_process.PeerProcess('main', endpoint or self.endpoint, under=under)
        self.addCleanup(main.end)
        said = main.expect('failed ', 10)
        self.assertIsNotNone(said, main.seen)
        for part in (self.folder, *parts, NEXT_STEP):
            self.assertIn(part, said)
        self.assertEqual(main.process.wait(5), 1)
        return said

    def mounted(self, options):
        """Runs a command with a tmpfs of its own in the folder."""
        if not works(MOUNT):
            self.skipTest('no mount namespaces here')
        script = f'mount -t tmpfs -o {options} tmpfs {self.folder} && exec "$0" "$@"'
        return [*MOUNT, 'sh', '-c', script]

    def test_no_inode_left_for_the_lock(self):
        self.fails('lock', 'No space left on device', 'free some', under=self.mounted('nr_inodes=1'))

    def test_no_inode_left_for_the_socket(self):
        self.fails('cannot bind', 'No space left on device', 'free some', under=self.mounted('nr_inodes=2'))

    def test_full_disk_is_enough_for_a_socket(self):
        under = self.mounted('size=4k')
        under[-1] = under[-1].replace(' && exec', f' && head -c 1M /dev/zero >{self.folder}/full 2>/dev/null; exec')
        main = self.peer('main', under=under)
        self.assertIsNone(main.process.poll())

    def test_read_only_file_system(self):
        self.fails('Read-only file system', 'mount it for writing', under=self.mounted('ro'))

    def test_directory_that_may_not_be_written(self):
        if not works(WEAK or ['true']):
            self.skipTest('setpriv cannot take capabilities away here')
        os.chmod(self.folder, 0o555)
        self.addCleanup(os.chmod, self.folder, 0o755)
        self.fails('Permission denied', 'let this user write there', under=WEAK)

    def test_directory_that_is_not_there(self):
        self.fails('does not exist; create it', endpoint=f'ipc://{self.folder}/missing/main.sock')

    def test_file_in_place_of_the_directory(self):
        with open(f'{self.folder}/file', 'w'):
            pass
        self.fails('Not a directory', 'correct the path', endpoint=f'ipc://{self.folder}/file/main.sock')

    def test_directory_in_place_of_the_socket(self):
        os.mkdir(self.path)
        self.fails('exists and is not a socket', 'move it')
        self.assertTrue(os.path.isdir(self.path))

    def test_socket_of_another_kind(self):
        other = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(other.close)
        other.bind(self.path)
        self.fails('a socket of another kind is there')

    def test_stale_sockets_and_locks_are_no_hindrance(self):
        for _ in range(3):
            main = self.peer('main')
            main.process.kill()
            main.process.wait()
            self.assertTrue(os.path.exists(self.path))
            with open(self.path + '.lock', 'w'):
                pass
        self.peer('main')
        self.assertFalse(os.path.exists(self.path + '.lock'))

    def test_main_goes_on_and_leaves_alone_what_took_its_path(self):
        self.limited_main()
        os.unlink(self.path)
        os.mkdir(self.path)
        self.fails('exists and is not a socket')
        self.worker_is_unharmed()
        self.main.say('exit')
        self.assertEqual(self.main.process.wait(10), 0)
        self.assertTrue(os.path.isdir(self.path))


if __name__ == '__main__':
    unittest.main()
