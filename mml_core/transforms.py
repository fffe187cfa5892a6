"""Linear maps of the plane: the basic moves, what they do to areas, and how a matrix splits into moves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks
from mml_core.checks import Array


def rotation(theta: float) -> Array:
    """Turn the plane by an angle about the origin, counter-clockwise.

    R = [[cos theta, -sin theta], [sin theta, cos theta]]; theta = 0 gives the identity.
    Args: theta: the angle in radians, any finite number.
    Returns: the matrix R, shape (2, 2).
    Raises: ValueError when theta is not finite.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 3.9.1.

    >>> rotation(np.pi / 2).round(12) + 0.0
    array([[ 0., -1.],
           [ 1.,  0.]])
    """
    theta = checks.number(theta, "the angle")
    c, s = math.cos(theta), math.sin(theta)
    return np.array([[c, -s], [s, c]])


def scaling(sx: float, sy: float) -> Array:
    """Stretch the plane along both axes.

    S = [[sx, 0], [0, sy]]; a negative factor flips, a zero flattens.
    Args: sx, sy: the factors along x and y, any finite numbers.
    Returns: the matrix S, shape (2, 2).
    Raises: ValueError when a factor is not finite.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 2.7.1.

    >>> scaling(2, 3)
    array([[2., 0.],
           [0., 3.]])
    """
    sx, sy = checks.number(sx, "the factor along x"), checks.number(sy, "the factor along y")
    return np.array([[sx, 0.0], [0.0, sy]])


def shear(kx: float, ky: float) -> Array:
    """Slide the plane along the axes, each point by a multiple of its other coordinate.

    H = [[1, kx], [ky, 1]]; areas stay only when kx ky = 0, for kx ky = 1 the plane collapses.
    Args: kx, ky: sideways and upward slide per unit, any finite numbers.
    Returns: the matrix H, shape (2, 2).
    Raises: ValueError when a slide is not finite.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 2.7.1.

    >>> shear(0.5, 0)
    array([[1. , 0.5],
           [0. , 1. ]])
    """
    kx, ky = checks.number(kx, "the slide along x"), checks.number(ky, "the slide along y")
    return np.array([[1.0, kx], [ky, 1.0]])


def reflection(theta: float) -> Array:
    """Reflect the plane in the line through the origin at an angle.

    F = [[cos 2 theta, sin 2 theta], [sin 2 theta, -cos 2 theta]]; theta and theta + pi are the same line.
    Args: theta: the angle of the line in radians, any finite number.
    Returns: the matrix F, shape (2, 2).
    Raises: ValueError when theta is not finite.
    Source: Householder, 1958, Unitary triangularization of a nonsymmetric matrix, section 2 (I - 2 u u').

    >>> reflection(0)
    array([[ 1.,  0.],
           [ 0., -1.]])
    """
    theta = checks.number(theta, "the angle")
    c, s = math.cos(2 * theta), math.sin(2 * theta)
    return np.array([[c, s], [s, -c]])


def projection(theta: float) -> Array:
    """Project the plane onto the line through the origin at an angle.

    P = u u' with u = (cos theta, sin theta); theta and theta + pi are the same line.
    Args: theta: the angle of the line in radians, any finite number.
    Returns: the matrix P, shape (2, 2).
    Raises: ValueError when theta is not finite.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 3.8.1.

    >>> projection(0)
    array([[1., 0.],
           [0., 0.]])
    """
    theta = checks.number(theta, "the angle")
    u = np.array([math.cos(theta), math.sin(theta)])
    return np.outer(u, u)


def apply(A: ArrayLike, points: ArrayLike, shift: ArrayLike = (0.0, 0.0)) -> Array:
    """Move points by x -> A x + b.

    X A' + b with one point a row; only b = 0 leaves the origin where it is.
    Args:
        A: the matrix, shape (2, 2).
        points: X, shape (n, 2).
        shift: b, shape (2,), in the same units.
    Returns: the moved points, shape (n, 2).
    Raises: ValueError when a shape is wrong or an entry is not finite.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 2.8.2.

    >>> apply([[0, -1], [1, 0]], [[1, 0], [0, 1]], shift=(5, 0))
    array([[5., 1.],
           [4., 0.]])
    """
    A, X, b = checks.matrix(A), checks.points(points, name="the list of points"), checks.vector(shift, 2, "the shift")
    moved: Array = X @ A.T + b
    return moved


def determinant(A: ArrayLike) -> float:
    """Return the factor by which A changes signed areas.

    det A = a d - b c; it is negative when A flips the plane and 0 when the plane collapses.
    Args: A: [[a, b], [c, d]], shape (2, 2).
    Returns: the determinant.
    Raises: ValueError when A is not a finite 2 x 2 matrix or the determinant is too large for a number.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 4.1.

    >>> determinant([[2, 1], [1, 3]])
    5.0
    """
    (a, b), (c, d) = checks.matrix(A).tolist()
    det: float = a * d - b * c
    if not math.isfinite(det):
        raise ValueError("A has entries so large that its determinant exceeds every number; keep them under 1e150.")
    return det


def signed_area(polygon: ArrayLike) -> float:
    """Return the area of a polygon, positive when its corners run counter-clockwise.

    1/2 sum (x_i y_(i+1) - x_(i+1) y_i), corners taken in a ring; 0 when all lie on one line.
    Args: polygon: the corners in order, shape (n, 2) with n >= 3, the first not repeated.
    Returns: the signed area in squared units.
    Raises: ValueError when there are fewer than three corners or one is not finite.
    Source: Braden, 1986, The surveyor's area formula, College Mathematics Journal 17(4).

    >>> signed_area([[0, 0], [2, 0], [2, 3], [0, 3]])
    6.0
    """
    corners = checks.points(polygon, name="the polygon")
    if len(corners) < 3:
        raise ValueError(f"the polygon has {len(corners)} corners; an area needs at least 3.")
    x, y = (corners - corners[0]).T  # measured from a corner, so that a far-off polygon loses no digits
    return float(x @ np.roll(y, -1) - np.roll(x, -1) @ y) / 2


@dataclass(frozen=True)
class Dials:
    """A matrix as three moves in a row: shear first, then scale, then turn (angle in radians)."""

    angle: float
    scale_x: float
    scale_y: float
    shear: float


def dials(A: ArrayLike) -> Dials:
    """Split A into a shear, a scaling and a turn.

    A = rotation(angle) scaling(sx, sy) shear(k, 0) with sx = |a1| >= 0, angle = that of a1, k = a1.a2 / |a1|^2,
    sy = det / |a1|. When a1 = 0 (or so small against a2 that k is no number): sx = k = 0 and a2 = sy R e2.
    Args: A: columns a1 and a2, shape (2, 2), any finite entries up to 1e300.
    Returns: Dials, angle in [-pi, pi]; sy carries the sign of the determinant.
    Raises: ValueError when A is not a finite 2 x 2 matrix.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 3.8.3 (Gram-Schmidt).

    >>> dials([[0, -3], [2, 0]])
    Dials(angle=1.5707963267948966, scale_x=2.0, scale_y=3.0, shear=0.0)
    """
    (a, b), (c, d) = checks.matrix(A).tolist()
    sx = math.hypot(a, c)
    if sx > 0:
        m = max(abs(a), abs(c))  # divided out first: a column near the smallest float would lose its direction
        u, v = np.array([a, c]) / m / math.hypot(a / m, c / m)
        k = float(u * b + v * d) / sx
        if abs(k) <= checks.LARGEST:
            return Dials(math.atan2(v + 0.0, u), sx, float(u * d - v * b), k)
    sy = math.hypot(b, d)
    return Dials(math.atan2(0.0 - b, d) if sy > 0 else 0.0, 0.0, sy, 0.0)


def from_dials(angle: float, scale_x: float, scale_y: float, shear: float) -> Array:
    """Return the matrix that shears, then scales, then turns.

    A = R(angle) [[sx, sx k], [0, sy]]; the inverse of `dials`.
    Args:
        angle: the turn in radians.
        scale_x, scale_y: the factors sx and sy.
        shear: the slide k along x per unit of y.
    Returns: the matrix A, shape (2, 2).
    Raises: ValueError when a dial is not finite.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 3.8.3.

    >>> from_dials(0, 2, 3, 0.5)
    array([[2., 1.],
           [0., 3.]])
    """
    k = checks.number(shear, "the shear")
    A: Array = rotation(angle) @ (scaling(scale_x, scale_y) @ np.array([[1.0, k], [0.0, 1.0]]))
    return A


@dataclass(frozen=True, eq=False)
class Polar:
    """A matrix as a symmetric stretch S, then a turn by `angle` radians: A = R S."""

    angle: float
    stretch: Array


def polar(A: ArrayLike) -> Polar:
    """Split A into a symmetric stretch and a turn.

    A = R(theta) S with tan theta = (c - b) / (a + d). For det >= 0 both eigenvalues of S are >= 0; for det < 0 one
    is negative and theta is the smaller of the two possible turns (a reflection: theta = 0 and S = A).
    Args: A: [[a, b], [c, d]], shape (2, 2).
    Returns: Polar, angle in [-pi, pi], stretch symmetric of shape (2, 2).
    Raises: ValueError when A is not a finite 2 x 2 matrix.
    Source: Shoemake and Duff, 1992, Matrix animation and polar decomposition, Graphics Interface, for n = 2.

    >>> polar([[0, -2], [2, 0]]).stretch.round(12)
    array([[2., 0.],
           [0., 2.]])
    """
    A = checks.matrix(A)
    m = float(np.abs(A).max()) or 1.0
    (a, b), (c, d) = (A / m).tolist()
    theta = math.atan2(c - b + 0.0, a + d) if math.hypot(a + d, c - b) > 1e-12 else 0.0
    if a * d - b * c < -1e-12 and abs(theta) > math.pi / 2:
        theta -= math.copysign(math.pi, theta)
    S = rotation(theta).T @ A
    return Polar(theta, S / 2 + S.T / 2)


def interpolation(A: ArrayLike, t: float) -> Array:
    """Go part of the way from the identity to A by turning and stretching.

    A(t) = R(t theta) ((1 - t) I + t S) with A = R(theta) S; exactly I at t = 0 and A at t = 1. A half turn turns and
    does not shrink; for det A < 0 the determinant passes 0 exactly once.
    Args:
        A: the matrix at the end, shape (2, 2).
        t: the part of the way, 0 to 1.
    Returns: the matrix A(t), shape (2, 2).
    Raises: ValueError when A is not a finite 2 x 2 matrix or t is outside [0, 1].
    Source: Shoemake and Duff, 1992, Matrix animation and polar decomposition, Graphics Interface.

    >>> interpolation([[-1, 0], [0, -1]], 0.5).round(12) + 0.0
    array([[ 0., -1.],
           [ 1.,  0.]])
    """
    A, t = checks.matrix(A), checks.number(t, "t", 0, 1)
    if t in (0, 1):
        return A if t else np.eye(2)
    parts = polar(A)
    A_t: Array = rotation(t * parts.angle) @ ((1 - t) * np.eye(2) + t * parts.stretch)
    return A_t


def in_basis(A_E: ArrayLike, E: ArrayLike) -> Array:
    """Translate a matrix written in the basis E into the standard basis.

    A = E A_E E^-1: read x in the basis E, act there, translate back.
    Args:
        A_E: the matrix as seen in the basis E, shape (n, n).
        E: the basis vectors as columns, shape (n, n).
    Returns: the matrix A, shape (n, n).
    Raises: ValueError when the shapes differ or the columns of E are no basis.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 2.7.2.

    >>> in_basis([[1, 0], [0, -1]], [[1, -1], [1, 1]])
    array([[0., 1.],
           [1., 0.]])
    """
    E = checks.matrix(E, (None, None), "E")
    n = E.shape[1]
    E, A_E = checks.matrix(E, (n, n), "E"), checks.matrix(A_E, (n, n), "A_E")
    s = np.linalg.svd(E, compute_uv=False)
    if s[-1] <= 1e-12 * s[0]:
        raise ValueError("The columns of E depend on each other, so they are no basis; turn one of them away.")
    return np.asarray(np.linalg.solve(E.T, (E @ A_E).T).T, dtype=np.float64)


def inverse(A: ArrayLike, tol: float = 1e-12) -> Array:
    """Return the matrix that undoes A.

    A^-1 = 1 / (a d - b c) [[d, -b], [-c, a]]; none exists when |det| <= tol m^2 with m the largest |entry|.
    Args:
        A: [[a, b], [c, d]], shape (2, 2).
        tol: how small the determinant may be, relative to m^2.
    Returns: the matrix A^-1, shape (2, 2).
    Raises: ValueError naming the line or point the plane collapses onto; also when A is not finite and 2 x 2.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 2.2.2.

    >>> inverse([[2, 1], [1, 1]])
    array([[ 1., -1.],
           [-1.,  2.]])
    """
    A = checks.matrix(A)
    (a, b), (c, d) = A.tolist()
    m, det = float(np.abs(A).max()), determinant(A)
    if m < 1e-150:
        raise ValueError("A cannot be undone: the whole plane collapses onto one point, the origin.")
    if abs(det) <= tol * m * m:
        x, y = (a, c) if math.hypot(a, c) >= math.hypot(b, d) else (b, d)
        degrees = math.degrees(math.atan2(y, x)) % 180
        raise ValueError(f"A cannot be undone: the plane collapses onto the line at {degrees:.4g} degrees.")
    return np.array([[d, -b], [-c, a]]) / det


@dataclass(frozen=True, eq=False)
class RankNullImage:
    """What a matrix keeps and loses: its rank and orthonormal bases (columns) of null space and image."""

    rank: int
    null_space: Array
    image: Array


def rank_nullspace_image(A: ArrayLike, tol: float = 1e-12) -> RankNullImage:
    """Find the rank of A, what it sends to zero and what it reaches.

    A = U S V'; rank = number of s_i > tol s_1, image = first columns of U, null space = last columns of V. In each
    column the first entry that is not (nearly) zero is positive. For A = 0 the rank is 0 and the image is {0}.
    Args:
        A: any m x n matrix, shape (m, n).
        tol: singular values up to tol times the largest count as zero, 0 <= tol < 1.
    Returns: RankNullImage, null_space of shape (n, n - rank), image of shape (m, rank).
    Raises: ValueError when A is not a finite matrix or tol is outside [0, 1].
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, sections 2.7.3 and 4.5.

    >>> rank_nullspace_image([[1, 1], [1, 1]]).null_space.round(4)
    array([[ 0.7071],
           [-0.7071]])
    """
    A, tol = checks.matrix(A, (None, None)), checks.number(tol, "tol", 0, 1)
    U, s, Vt = np.linalg.svd(A)
    rank = int(np.sum(s > tol * s[0]))
    return RankNullImage(rank, _with_signs(Vt[rank:].T), _with_signs(U[:, :rank]))


def _with_signs(columns: Array) -> Array:
    """Flip each column so that its first entry beyond 1e-9 is positive."""
    first = np.argmax(np.abs(columns) > 1e-9, axis=0)
    flipped: Array = columns * np.where(columns[first, np.arange(columns.shape[1])] < 0, -1.0, 1.0)
    return flipped


@dataclass(frozen=True)
class RotateStretchRotate:
    """A matrix as turn, stretch along the axes, turn (angles in radians): A = R(second) diag(s1, s2) R(first)."""

    first_turn: float
    stretch: tuple[float, float]
    second_turn: float

    @property
    def matrices(self) -> tuple[Array, Array, Array]:
        """The three factors in the order in which they act: V', diag(s1, s2), U."""
        return rotation(self.first_turn), scaling(*self.stretch), rotation(self.second_turn)


def rotate_stretch_rotate(A: ArrayLike) -> RotateStretchRotate:
    """Split A into a turn, a stretch along the axes and a second turn.

    A = q R(alpha) + r F(beta / 2): with e, f = (a + d)/2, (a - d)/2 and g, h = (c + b)/2, (c - b)/2 the turning part
    has size q = |(e, h)| and angle alpha, the mirroring part r = |(f, g)| and angle beta; then s1 = q + r, s2 = q - r.
    Signs: a singular value decomposition U S V' may hold reflections in U or V. Here U and V' are always turns, and
    s2 alone carries the sign of det A = s1 s2. If s1 = |s2| any first turn would do; it is 0.
    Args: A: [[a, b], [c, d]], shape (2, 2).
    Returns: RotateStretchRotate with s1 >= |s2|, first turn in (-pi/2, pi/2], second turn in (-pi, pi].
    Raises: ValueError when A is not a finite 2 x 2 matrix.
    Source: Blinn, 1996, Consider the lowly 2 x 2 matrix, IEEE Computer Graphics and Applications 16(2).

    >>> rotate_stretch_rotate([[3, 0], [0, -2]])
    RotateStretchRotate(first_turn=0.0, stretch=(3.0, -2.0), second_turn=0.0)
    """
    (a, b), (c, d) = checks.matrix(A).tolist()
    e, f, g, h = (a + d) / 2, (a - d) / 2, (c + b) / 2, (c - b) / 2
    q, r = math.hypot(e, h), math.hypot(f, g)
    alpha, beta = math.atan2(h + 0.0, e), math.atan2(g + 0.0, f)
    if min(q, r) <= 1e-12 * max(q, r):
        alpha = beta = alpha if q > r else beta
    first, second = (alpha - beta) / 2, (alpha + beta) / 2
    if not -math.pi / 2 < first <= math.pi / 2:
        first, second = first - math.copysign(math.pi, first), second + math.pi
    return RotateStretchRotate(first, (q + r, q - r), math.pi - (math.pi - second) % (2 * math.pi))
