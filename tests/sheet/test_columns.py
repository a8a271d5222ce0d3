"""Which columns hold the address."""

import pytest

from diachiso.sheet.columns import Role, guess, named, role_of

HOUSE = "48 Hàng Ngang, Hoàn Kiếm, Hà Nội"
T, N, S, H, W, D, P = (
    Role.TEXT,
    Role.HOUSE_NUMBER,
    Role.STREET,
    Role.HAMLET,
    Role.WARD,
    Role.DISTRICT,
    Role.PROVINCE,
)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Địa chỉ", T),
        ("DIA CHI NHAN HANG", T),
        ("receiver_address", T),
        ("shippingAddress", T),
        ("Nơi ở hiện nay", T),
        ("old_address", T),
        ("q", T),
        ("Số nhà", N),
        ("addr:housenumber", N),
        ("Đường/Phố", S),
        ("Tên đường", S),
        ("addr_street", S),
        ("Thôn/Xóm", H),
        ("Tổ dân phố", H),
        ("Phường/Xã", W),
        ("Xã, phường, thị trấn", W),
        ("Phường (xã)", W),
        ("receiver_ward", W),
        ("Quận - Huyện", D),
        ("Tỉnh/TP", P),
        ("Tỉnh, thành phố", P),
        ("customer_city", P),
        ("Mã địa chỉ", None),
        ("Địa chỉ email", None),
        ("ip_address", None),
        ("ward_code", None),
        ("province_id", None),
        ("Họ và tên", None),
        ("Ghi chú", None),
    ],
)
def test_a_name_tells_what_its_column_holds(name, role):
    assert role_of(name) == role


@pytest.mark.parametrize(
    ("names", "row", "chosen"),
    [
        (["id", "Địa chỉ"], ["1", HOUSE], {T: (1,)}),
        (
            ["Địa chỉ người gửi", "Địa chỉ người nhận"],
            ["kho 1 Phố Huế", HOUSE],
            {T: (1,)},
        ),
        (
            ["Địa chỉ", "Phường", "Quận", "Tỉnh"],
            ["48 Hàng Ngang", "Hàng Đào", "Hoàn Kiếm", "Hà Nội"],
            {T: (0,), W: (1,), D: (2,), P: (3,)},
        ),
        (
            ["STT", "Số nhà", "Đường/Phố", "Phường/Xã", "Tỉnh/TP"],
            [1.0, 48.0, "Hàng Ngang", "Hoàn Kiếm", "Hà Nội"],
            {N: (1,), S: (2,), W: (3,), P: (4,)},
        ),
        (["a", "b"], ["Nguyễn Văn An", HOUSE], {T: (1,)}),
        (["địa chỉ email", "nơi giao"], ["an@vnpost.vn", HOUSE], {T: (1,)}),
        (["địa chỉ", "nơi giao"], [None, HOUSE], {T: (1,)}),
        (["tên", "sđt"], ["Nguyễn Văn An", "0912345678"], None),
        (["mã", "giá"], [1.0, 2.5], None),
    ],
)
def test_the_address_is_guessed_by_names_then_by_what_stands_there(names, row, chosen):
    assert guess(names, [tuple(row)] * 3) == chosen


def test_a_column_is_named_roughly_or_by_its_number():
    names = ["Mã đơn", "Địa chỉ nhận", "2"]
    assert named("Địa chỉ nhận", names) == 1
    assert named("dia_chi_nhan", names) == 1
    assert named("2", names) == 2
    assert named("1", names) == 0
    assert named("4", names) is None
    assert named("khác", names) is None
