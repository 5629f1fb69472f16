//! Sockets and threads of media rooms: drives [`offhook_sfu`].
