"""The door to stores: deliveries that lie in an object store (`s3://`, `gs://`) or on an SFTP server.

    door                 downloads within limits (`watch`), with retries, as `resources.http` does for the web
    loop                 the thread in which the connections live
    address              what an address of a store says, and what a store is
    objects: s3, google  object stores, by the back ends of fsspec
    sftp, known_servers  SFTP servers, by asyncssh, where they are believed

The back ends are extras of the package, imported where an address asks for them.
"""

from barometre_pipeline.extract.stores.address import in_store
from barometre_pipeline.extract.stores.door import StoreDoor
from barometre_pipeline.extract.stores.sftp import SftpKeys

__all__ = ["SftpKeys", "StoreDoor", "in_store"]
