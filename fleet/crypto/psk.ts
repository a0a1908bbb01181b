/** Bits that a preshared key of IKE is made of: as many as the strongest suite has, and no word that anybody could guess. */
export const pskBits = 256;
